"""Misbehaviour on order: refusals and silence, for the tests of those who must live with them."""

from __future__ import annotations

from dataclasses import dataclass

from .rpc import Answer, RefusalError


@dataclass
class _Fault:
    status: str | None
    error: str | None
    times: int | None


class Faults:
    """What is answered instead of the truth, by action."""

    def __init__(self) -> None:
        self._faults: dict[str, _Fault] = {}

    def refuse(
        self, action: str, status: str | None = None, *, error: str | None = None, times: int | None = None
    ) -> None:
        """Answer `action` with this status (or CALLERROR code) and do nothing, `times` times or for ever."""
        self._faults[action] = _Fault(status, error, times)

    def silence(self, action: str, *, times: int | None = None) -> None:
        """Do not answer `action` at all, nor do it."""
        self._faults[action] = _Fault(None, None, times)

    def obey(self, action: str) -> None:
        """Behave again."""
        self._faults.pop(action, None)

    def intercept(self, action: str) -> Answer | None:
        """The wrong answer, or None for the right one; raises RefusalError for a CALLERROR."""
        fault = self._faults.get(action)
        if fault is None:
            return None
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self.obey(action)
        if fault.error:
            raise RefusalError(fault.error)
        return Answer({"status": fault.status} if fault.status else None)
