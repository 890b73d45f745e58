"""What SMAC asks of the systems around it. Adapters stand elsewhere; outside failures come as these errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Unavailable(Exception):
    """The outside system did not answer, or not in time: try again later."""


class PriceSource(Protocol):
    """Where energy prices come from."""

    def prices(self, *, zone: str, start: datetime, end: datetime) -> Sequence[tuple[datetime, int, float]]:
        """(start in UTC, duration in seconds, currency per kWh) of each price over [start, end). Raises Unavailable."""
        ...


class ForecastSource(Protocol):
    """Where demand and production forecasts of a supply point come from."""

    def demand(self, *, supply_point_id: int, start: datetime, end: datetime) -> Sequence[tuple[datetime, int, float]]:
        """(start in UTC, duration in seconds, mean power in W), vehicles not counted. Raises Unavailable."""
        ...

    def production(
        self, *, supply_point_id: int, start: datetime, end: datetime
    ) -> Sequence[tuple[datetime, int, float]]:
        """(start in UTC, duration in seconds, mean power in W) of own generation. Raises Unavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Visit:
    """A session that is expected at an EVSE. What is None or 0 is not known: then it is taken as typical."""

    key: str
    evse_id: int
    arrives_at: datetime
    departs_at: datetime
    driver_id: int | None = None
    mode: str = "basic"
    battery_capacity_wh: float = 0.0
    soc_percent: float | None = None
    target_soc_percent: float = 0.0
    max_charge_w: float = 0.0


class ExpectedVisits(Protocol):
    """Who knows of visits to come; named by dotted path in settings.SMAC_EXPECTED_VISITS."""

    def __call__(self, *, supply_point_id: int, start: datetime, end: datetime) -> Sequence[Visit]:
        """The visits to a supply point that begin in [start, end), one at an EVSE."""
        ...
