"""How one kind of intent is said, and what the answer to it means; the same frame for every version."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chargepoints.ocpp.version import Outcome, Request

Payload = dict[str, Any]


def status_in(*statuses: str) -> Callable[[Payload], bool]:
    """Whether an answer's status is one of these.

    :raises KeyError: by the function returned, when the answer has no status.
    """
    return lambda payload: payload["status"] in statuses


accepted = status_in("Accepted")


def nothing_told(intent: Any, payload: Payload, now: datetime) -> None:
    """Most answers tell nothing but yes or no."""


@dataclass(frozen=True)
class Words:
    """``say`` makes the call, ``is_yes`` reads the answer, ``told`` finds the fact in it (None: there is none)."""

    say: Callable[[Any], Request]
    is_yes: Callable[[Payload], bool] = accepted
    told: Callable[[Any, Payload, datetime], Any] = nothing_told

    def outcome(self, intent: Any, payload: Payload, now: datetime) -> Outcome:
        return Outcome(self.is_yes(payload), payload, self.told(intent, payload, now))


def without_nothing(**fields: Any) -> Payload:
    """Only what there is to say: OCPP knows no null."""
    return {name: value for name, value in fields.items() if value is not None and value not in ("", [], ())}
