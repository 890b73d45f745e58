"""Storing curves, and reading them without a gap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from chargepoints.models import SupplyPoint
from smac import selectors
from smac.models import Series, SeriesValue
from smac.services.requests import request
from smac.slots import floor, quarters

Curve = list[tuple[datetime, float | None]]

# How far back a value may be taken from where none is known: the same time of the day before.
DAY = timedelta(days=1)


def store_values(
    *, series: Series, values: Sequence[tuple[datetime, float]], known_at: datetime, duration_s: int = 900
) -> int:
    """Keep values as known at `known_at` and plan again whoever depends on them; how many were stored.

    The same values may come again: they count once. Units are those of the series' kind.
    """
    rows = [
        SeriesValue(series=series, starts_at=start, duration_s=duration_s, value=value, known_at=known_at)
        for start, value in values
    ]
    SeriesValue.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["series", "starts_at", "known_at"],
        update_fields=["value", "duration_s"],
    )
    for supply_point_id in _dependents(series):
        request(supply_point_id=supply_point_id, reason=f"new {series.kind}", now=known_at)
    return len(rows)


def _dependents(series: Series) -> Iterable[int]:
    if series.supply_point_id:
        return [series.supply_point_id]
    in_zone = SupplyPoint.objects.filter(price_zone=series.zone)
    busy = in_zone.filter(charge_points__evses__charging_needs__status="running")
    return busy.distinct().values_list("pk", flat=True)


def curves(
    *, kind: str, supply_points: Iterable[SupplyPoint], start: datetime, end: datetime, known_at: datetime
) -> dict[int, list[tuple[datetime, float | None]]]:
    """The curve of each supply point by quarter over [start, end); None where nothing is known.

    A gap takes the value of the same quarter one day before, else the last value known before it.
    """
    points = list(supply_points)
    chosen = selectors.series_for(kind=kind, supply_points=points)
    known = selectors.quarter_values(
        series_ids=[series.pk for series in chosen.values()], start=start - DAY, end=end, known_at=known_at
    )
    empty: dict[datetime, float] = {}
    return {
        point.pk: filled(known.get(chosen[point.pk].pk, empty) if point.pk in chosen else empty, start, end)
        for point in points
    }


def filled(values: dict[datetime, float], start: datetime, end: datetime) -> list[tuple[datetime, float | None]]:
    """Every quarter of [start, end) with its value, its gaps closed from the day before or the last value."""
    last = _last_before(values, start)
    found: list[tuple[datetime, float | None]] = []
    for quarter in quarters(start, end):
        value = values.get(quarter, values.get(quarter - DAY, last))
        last = value
        found.append((quarter, value))
    return found


def _last_before(values: dict[datetime, float], start: datetime) -> float | None:
    at = floor(start)
    earlier = [quarter for quarter in values if at - DAY <= quarter <= at]
    return values[max(earlier)] if earlier else None
