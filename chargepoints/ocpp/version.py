"""What differs between the versions of OCPP, as one record each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from chargepoints.domain import intents, reports
from chargepoints.ocpp.rpc import Fault

if TYPE_CHECKING:
    from chargepoints.ocpp.link import Link

Handler = Callable[["Link", dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Request:
    """A call to a charger."""

    action: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a charger's answer means. ``read_back`` is set when it told a schedule."""

    accepted: bool
    answer: dict[str, Any]
    read_back: reports.ScheduleReadBack | None = None


class SayIntent(Protocol):
    """An intent as a call; limits in W, or in A for a charger that takes nothing else."""

    def __call__(self, intent: intents.Intent, *, in_ampere: bool = False) -> Request: ...


@dataclass(frozen=True)
class Version:
    """One version of the protocol.

    ``lasting`` are the actions that chargers keep until they are answered: their facts are worth money.
    """

    name: str
    subprotocol: str
    request_suffix: str
    codes: Mapping[Fault, str]
    handlers: Mapping[str, Handler]
    lasting: frozenset[str]
    request: SayIntent
    outcome: Callable[[intents.Intent, dict[str, Any], datetime], Outcome]

    def schema_name(self, action: str) -> str:
        return action + self.request_suffix
