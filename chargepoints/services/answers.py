"""Facts that chargers tell with an answer to a command: each kind of report has one service that keeps it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from chargepoints.models import Command

Keeper = Callable[[Command, Any, datetime], None]
_keepers: dict[type[Any], Keeper] = {}


def keeps(report: type[Any]) -> Callable[[Keeper], Keeper]:
    """Register the service that keeps reports of this type: called with the command, the report and the moment."""

    def register(keeper: Keeper) -> Keeper:
        _keepers[report] = keeper
        return keeper

    return register


def keep(*, command: Command, report: Any, now: datetime) -> None:
    """Hand a report over to its service.

    :raises KeyError: when no service keeps reports of this type.
    """
    _keepers[type(report)](command, report, now)
