"""What SMAC asks of the systems around it. Adapters stand elsewhere; outside failures come as these errors."""

from __future__ import annotations

from collections.abc import Sequence
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
