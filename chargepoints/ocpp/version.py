"""What differs between the versions of OCPP, as one record each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from chargepoints.domain import intents
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
    """What a charger's answer means. ``report`` is the fact that it told with it, a record of ``domain.reports``."""

    accepted: bool
    answer: dict[str, Any]
    report: Any = None


class SayIntent(Protocol):
    """An intent as a call; limits in W, or in A for a charger that takes nothing else."""

    def __call__(self, intent: intents.Intent, *, in_ampere: bool = False) -> Request: ...


@dataclass(frozen=True)
class Version:
    """One version of the protocol.

    ``lasting`` are the actions that chargers keep until they are answered: their facts are worth money.
    ``unspoken`` are the kinds of intent that the version has no words for. ``while_pending`` are those that a charger
    may be asked before it is accepted; ``is_strict``: until then it may send nothing else unprompted but lasting facts.
    ``prompts`` are the messages that follow from a call.
    """

    name: str
    subprotocol: str
    request_suffix: str
    codes: Mapping[Fault, str]
    handlers: Mapping[str, Handler]
    lasting: frozenset[str]
    unspoken: frozenset[str]
    while_pending: frozenset[str]
    request: SayIntent
    outcome: Callable[[intents.Intent, dict[str, Any], datetime], Outcome]
    is_strict: bool = False
    prompts: Mapping[str, str] = field(default_factory=dict)

    def schema_name(self, action: str) -> str:
        return action + self.request_suffix
