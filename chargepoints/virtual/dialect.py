"""What a version of OCPP has to offer; `v16` and `v201` fulfil it and do not know each other."""

from __future__ import annotations

from types import ModuleType
from typing import Protocol

from . import v16, v201
from .bays import Reporter
from .evse import Evse, Token
from .outbox import Payload
from .reporting import StatusReport
from .tokens import Entry

_MODULES = {"1.6": v16, "2.0.1": v201}


class Messages(Reporter, Protocol):
    """The outgoing half: what is told, and how the answers are read."""

    def boot(self, reason: str) -> Payload: ...
    def authorize(self, token: Token) -> Payload: ...
    def read_authorization(self, answer: Payload) -> Entry: ...
    def status_reports(self, evse: Evse | None) -> list[StatusReport]: ...
    def every_status(self) -> list[StatusReport]: ...
    def meter_values(self, evse: Evse) -> None: ...
    def tell(self, action: str, payload: Payload) -> None: ...
    def stamp(self) -> str: ...


def of(version: str) -> ModuleType:
    """The module of "1.6" or "2.0.1" with SUBPROTOCOL, Messages, ACTIONS; KeyError for another."""
    return _MODULES[version]
