"""Storing curves, and reading them without a gap."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import fmean

from chargepoints.models import SupplyPoint
from smac import selectors
from smac.models import Series, SeriesValue
from smac.services.requests import request
from smac.slots import floor, quarters

Curve = list[tuple[datetime, float | None]]

# How far back a value may be taken from where none is known: the same time of the day before.
DAY = timedelta(days=1)
# What is typical is the mean of a quarter over these days: weekdays and a weekend in their proportion.
TYPICAL_DAYS = 7


class Origin(StrEnum):
    """Where a value of a curve is from: told for its quarter, or a substitute, named."""

    TOLD = "told"
    YESTERDAY = "yesterday"  # the same quarter of the day before
    TYPICAL = "typical"  # the mean of this quarter over the last week
    LAST = "last"  # the value of the quarter before
    NOBODY = "nobody"  # nothing is known: the value is None


@dataclass(frozen=True, slots=True)
class Reading:
    """A curve by quarter, and where each of its values is from."""

    curve: tuple[tuple[datetime, float | None], ...]
    origins: tuple[Origin, ...]

    @property
    def substitutes(self) -> dict[Origin, int]:
        """How many quarters each substitute stands in for."""
        return dict(Counter(origin for origin in self.origins if origin is not Origin.TOLD))


def store_values(
    *, series: Series, values: Sequence[tuple[datetime, float]], known_at: datetime, duration_s: int = 900
) -> int:
    """Keep values as known at `known_at` and plan again whoever depends on them; how many were stored.

    The same values may come again: they count once. What is no number is a gap. Units are those of the series' kind.
    """
    rows = [
        SeriesValue(series=series, starts_at=start, duration_s=duration_s, value=value, known_at=known_at)
        for start, value in values
        if math.isfinite(value)
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


def readings(
    *, kinds: Iterable[str], supply_points: Iterable[SupplyPoint], start: datetime, end: datetime, known_at: datetime
) -> dict[int, dict[str, Reading]]:
    """The curves of each supply point by kind and quarter over [start, end), as known at `known_at`.

    A gap takes the same quarter of the day before, else what is typical of that quarter, else the last value known.
    """
    points, wanted = list(supply_points), [str(kind) for kind in kinds]
    chosen = selectors.series_of_kinds(kinds=wanted, supply_points=points)
    ids = {(point.pk, kind): of.pk for kind in wanted for point in points if (of := chosen[kind].get(point.pk))}
    known = selectors.quarter_values(series_ids=ids.values(), start=start - DAY, end=end, known_at=known_at)
    short = [pk for pk in set(ids.values()) if _has_gap(known.get(pk, {}), start, end)]
    typical = _typical(short, start, known_at)

    # Supply points of one price zone share its curves, and none of them is read twice.
    read = {pk: filled(known.get(pk, {}), start, end, typical=typical.get(pk, {})) for pk in {0, *ids.values()}}
    return {point.pk: {kind: read[ids.get((point.pk, kind), 0)] for kind in wanted} for point in points}


def curves(
    *, kind: str, supply_points: Iterable[SupplyPoint], start: datetime, end: datetime, known_at: datetime
) -> dict[int, Curve]:
    """The values of `readings` alone; None where nothing is known."""
    found = readings(kinds=[kind], supply_points=supply_points, start=start, end=end, known_at=known_at)
    return {pk: list(by_kind[str(kind)].curve) for pk, by_kind in found.items()}


def _has_gap(values: Mapping[datetime, float], start: datetime, end: datetime) -> bool:
    return any(quarter not in values and quarter - DAY not in values for quarter in quarters(start, end))


def _typical(series_ids: Sequence[int], start: datetime, known_at: datetime) -> dict[int, dict[int, float]]:
    """The mean of each quarter of the day (its number from midnight UTC) over the last week, for each series."""
    if not series_ids:
        return {}
    begin = floor(start)
    week = selectors.quarter_values(
        series_ids=series_ids, start=begin - TYPICAL_DAYS * DAY, end=begin, known_at=known_at
    )
    return {pk: _means(values) for pk, values in week.items()}


def _means(values: Mapping[datetime, float]) -> dict[int, float]:
    by_quarter: dict[int, list[float]] = defaultdict(list)
    for at, value in values.items():
        by_quarter[_of_day(at)].append(value)
    return {quarter: fmean(several) for quarter, several in by_quarter.items()}


def _of_day(at: datetime) -> int:
    return at.hour * 4 + at.minute // 15


def filled(
    values: Mapping[datetime, float], start: datetime, end: datetime, *, typical: Mapping[int, float]
) -> Reading:
    """Every quarter of [start, end) with its value, its gaps closed."""
    last = _last_before(values, start)
    curve: list[tuple[datetime, float | None]] = []
    origins: list[Origin] = []
    for quarter in quarters(start, end):
        value, origin = _found(values, typical, quarter, last)
        last = value
        curve.append((quarter, value))
        origins.append(origin)
    return Reading(tuple(curve), tuple(origins))


def _found(
    values: Mapping[datetime, float], typical: Mapping[int, float], quarter: datetime, last: float | None
) -> tuple[float | None, Origin]:
    if quarter in values:
        return values[quarter], Origin.TOLD
    if quarter - DAY in values:
        return values[quarter - DAY], Origin.YESTERDAY
    if (number := _of_day(quarter)) in typical:
        return typical[number], Origin.TYPICAL
    return last, Origin.NOBODY if last is None else Origin.LAST


def _last_before(values: Mapping[datetime, float], start: datetime) -> float | None:
    at = floor(start)
    earlier = [quarter for quarter in values if at - DAY <= quarter <= at]
    return values[max(earlier)] if earlier else None
