"""Misbehaviour on order: refusals, silence, lies and sloth, for the tests of those who must live with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from .rpc import Answer, Payload, RefusalError


@dataclass
class _Fault:
    """What is wrong with the answers to one action."""

    status: str | None = None
    error: str | None = None
    payload: Payload | None = None
    obeys: bool = False
    delay_s: float = 0.0
    times: int | None = None

    def answer(self, obey: Callable[[], Answer]) -> Answer:
        """What is said, and what is done after it."""
        if self.error:
            raise RefusalError(self.error)
        truth = obey() if self.obeys else Answer(None)
        said = self.payload if self.payload is not None else {"status": self.status} if self.status else None
        if self.delay_s:
            return replace(truth, delay_s=self.delay_s)
        return replace(truth, payload=said)


class Faults:
    """What is answered instead of the truth, by action; each `times` times, or for ever."""

    def __init__(self) -> None:
        self._faults: dict[str, _Fault] = {}

    def refuse(
        self, action: str, status: str | None = None, *, error: str | None = None, times: int | None = None
    ) -> None:
        """Answer `action` with this status (or CALLERROR code) and do nothing."""
        self._faults[action] = _Fault(status=status, error=error, times=times)

    def silence(self, action: str, *, times: int | None = None) -> None:
        """Do not answer `action` at all, nor do it."""
        self._faults[action] = _Fault(times=times)

    def mute(self, action: str, *, times: int | None = None) -> None:
        """Do it, but say nothing: an answer that was lost."""
        self._faults[action] = _Fault(obeys=True, times=times)

    def pretend(self, action: str, status: str = "Accepted", *, times: int | None = None) -> None:
        """Say that it is done and do nothing."""
        self._faults[action] = _Fault(status=status, times=times)

    def lie(self, action: str, payload: Payload, *, obeys: bool = False, times: int | None = None) -> None:
        """Answer `action` with any payload, whether or not it is done."""
        self._faults[action] = _Fault(payload=payload, obeys=obeys, times=times)

    def slow(self, action: str, delay_s: float, *, times: int | None = None) -> None:
        """Do it and answer right, but so many real seconds late."""
        self._faults[action] = _Fault(obeys=True, delay_s=delay_s, times=times)

    def obey(self, action: str) -> None:
        """Behave again."""
        self._faults.pop(action, None)

    def clear(self) -> None:
        """Behave in everything."""
        self._faults.clear()

    def answer(self, action: str, obey: Callable[[], Answer]) -> Answer:
        """The answer to `action`, where `obey` gives the right one; raises RefusalError for a CALLERROR."""
        fault = self._faults.get(action)
        if fault is None:
            return obey()
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self.obey(action)
        return fault.answer(obey)
