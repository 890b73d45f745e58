"""Logs that the operator asks for: announced, and sent by HTTP PUT where the charger was told to really do it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPException
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from .outbox import Payload

if TYPE_CHECKING:
    from .charge_point import VirtualChargePoint

logger = logging.getLogger(__name__)
IDLE, UPLOADING, UPLOADED, FAILED = "Idle", "Uploading", "Uploaded", "UploadFailure"
# The upload runs in a thread; a server that hangs must not hold it for ever.
TIMEOUT_S = 10


@dataclass(frozen=True)
class Upload:
    """One order; `retry_s` in simulated seconds. `tell` says a stage in the words of the version."""

    location: str
    name: str
    tell: Callable[[str], object]
    retries: int = 0
    retry_s: int = 0
    request_id: int | None = None


class Uploads:
    """The uploads of one charger. `really`: send the file; else only tell of it. `fails`: tell of a failure."""

    def __init__(self, charge_point: VirtualChargePoint) -> None:
        self._charge_point = charge_point
        self._running: tuple[Upload, asyncio.Task[None]] | None = None
        self.status = IDLE
        self.really = False
        self.fails = False

    def verdict(self) -> str:
        """What to answer to an order; it cancels one that runs."""
        return "AcceptedCanceled" if self._running else "Accepted"

    def report(self) -> Payload:
        """The status as it is asked for."""
        number = self._running[0].request_id if self._running else None
        return {"status": self.status} if number is None else {"status": self.status, "requestId": number}

    def begin(self, upload: Upload) -> None:
        """Upload, beside everything else."""
        if self._running:
            self._running[1].cancel()
        self._running = (upload, self._charge_point.spawn(self._run(upload)))

    async def _run(self, upload: Upload) -> None:
        for attempt in range(upload.retries + 1):
            if attempt:
                await self._charge_point.until(self._charge_point.clock.now() + timedelta(seconds=upload.retry_s))
            self._say(upload, UPLOADING)
            done = await self._send(upload)
            self._say(upload, UPLOADED if done else FAILED)
            if done:
                break
        self.status, self._running = IDLE, None

    def _say(self, upload: Upload, status: str) -> None:
        self.status = status
        upload.tell(status)

    async def _send(self, upload: Upload) -> bool:
        if self.fails or not self.really:
            return not self.fails
        with contextlib.suppress(OSError, ValueError, HTTPException):
            await asyncio.to_thread(_put, f"{upload.location.rstrip('/')}/{quote(upload.name)}", self._text().encode())
            return True
        logger.info("%s: nothing could be sent to %s", self._charge_point.identity, upload.location)
        return False

    def _text(self) -> str:
        """The last frames, one a line."""
        frames = list(self._charge_point.frames)[-200:]
        return "".join(f"{'>' if frame.sent else '<'} {frame.action} {frame.payload}\n" for frame in frames)


def _put(address: str, body: bytes) -> None:
    """Raises OSError where the server is not there or says no, ValueError where the address is none."""
    if urlsplit(address).scheme not in ("http", "https"):
        raise ValueError(address)
    request = urllib.request.Request(address, data=body, method="PUT")  # noqa: S310 (the scheme was looked at)
    with urllib.request.urlopen(request, timeout=TIMEOUT_S):  # noqa: S310
        return
