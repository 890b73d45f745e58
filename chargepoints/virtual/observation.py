"""How others watch a charger: what passed over its line, and waiting for what is to come."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Collection
from typing import Self

from .outbox import Payload
from .rpc import CALL, CALLERROR, Frame
from .schemas import violation


class Observed:
    """Base of the virtual charge point. `violations` are frames of either side that break the official schemas."""

    def __init__(self, *, version: str, strict: bool, frames_kept: int) -> None:
        self.version = version
        self.strict = strict
        self.frames: deque[Frame] = deque(maxlen=frames_kept)
        self.violations: list[str] = []
        self._pulse = asyncio.Event()

    def changed(self) -> None:
        """Wake those who wait."""
        pulse, self._pulse = self._pulse, asyncio.Event()
        pulse.set()

    async def wait_for(
        self,
        condition: Callable[[Self], object],
        timeout: float | None = 5.0,  # noqa: ASYNC109
    ) -> None:
        """Return as soon as `condition(self)` holds; TimeoutError after `timeout` real seconds (None: never)."""
        async with asyncio.timeout(timeout):
            while not condition(self):
                await self._pulse.wait()

    def sent(self, action: str) -> list[Payload]:
        """The payloads of the CALLs sent, oldest first (as many as are kept)."""
        return self._calls(action, sent=True)

    def received(self, action: str) -> list[Payload]:
        """The payloads of the CALLs received, oldest first (as many as are kept)."""
        return self._calls(action, sent=False)

    def _calls(self, action: str, *, sent: bool) -> list[Payload]:
        return [f.payload for f in self.frames if f.kind == CALL and f.sent == sent and f.action == action]

    def last_sent(self, actions: Collection[str]) -> Frame:
        """The newest CALL of one of these actions; LookupError if there was none (or it is no longer kept)."""
        for frame in reversed(self.frames):
            if frame.sent and frame.kind == CALL and frame.action in actions:
                return frame
        raise LookupError(f"none of {', '.join(actions)} was said")

    def record(self, frame: Frame) -> None:
        """Keep a frame and look whether it is well made. An answer nobody asked for has no action to check by."""
        self.frames.append(frame)
        if self.strict and frame.kind != CALLERROR and frame.action:
            wrong = violation(self.version, frame.action, frame.kind, frame.payload)
            if wrong:
                self.violations.append(f"{'sent' if frame.sent else 'received'} {wrong}")
        self.changed()
