"""What the console asks of a grid operator's own server. Adapters stand elsewhere; their failures come as Unavailable.

Named by dotted path in settings.ORDER_SERVER and made with the server's address. Power in W, moments aware.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Unavailable(Exception):
    """The server did not answer, not in time, or nothing that can be read: try again later."""


class Kind(StrEnum):
    """What can be reported of a resource, W."""

    POWER = "power"
    POSSIBLE = "possible"
    POSSIBLE_BACK = "possible back"
    # How much less, and more, could be drawn.
    LESS = "less"
    MORE = "more"


class TargetKind(StrEnum):
    GROUP = "group"
    RESOURCE = "resource"
    # Something that this system has no word for.
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Target:
    """Whom an event is for."""

    kind: TargetKind
    name: str


@dataclass(frozen=True, slots=True)
class Limited:
    """What may flow over [starts_at, ends_at); None: no limit is told."""

    starts_at: datetime
    ends_at: datetime
    import_w: int | None
    export_w: int | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A figure that the server wants; ``is_whole``: of all resources in one sum."""

    kind: Kind
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Limits for targets (without any: for all of the operator's). ``problem``: why it cannot be followed."""

    event_id: str
    program_id: str
    name: str = ""
    targets: tuple[Target, ...] = ()
    windows: tuple[Limited, ...] = ()
    asked: tuple[Asked, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Events:
    """What the server tells now; ``is_whole`` is False where some of it could not be read."""

    events: tuple[Event, ...]
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Report:
    """Figures by resource, of the quarter hour that begins at ``at``; the resource "" is all together."""

    event: Event
    at: datetime
    figures: Mapping[str, Mapping[Kind, int]]


class OrderServer(Protocol):
    """Where a grid operator's own system publishes limits and takes reports."""

    def events(self) -> Events:
        """Everything that stands there. Raises Unavailable."""
        ...

    def report(self, report: Report) -> None:
        """Hand in a report. Raises Unavailable."""
        ...
