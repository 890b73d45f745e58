"""Curves as the charts of all three apps draw them: kW, currency per kWh, %, times in epoch seconds.

A chart is JSON: {unit, times, now, series: [{kind, label, unit, times, values}], text}; a kind decides its look.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from chargepoints.domain.quarters import QUARTER, quarter_start
from chargepoints.models import ChargePoint, Transaction
from chargepoints.services import registers
from smac.models import ChargingNeed, FlexOrder, PlannedCurve

Slots = dict[datetime, float]
Window = tuple[datetime, datetime]
_RUN_SERIES = ("price", "production", "demand", "limit", "flexibility_up", "flexibility_down", "grid")


def planned(need: ChargingNeed) -> dict[str, Slots]:
    """What was planned for each moment: ``power`` W, ``soc`` % (at the ends of slots), and the run's own series.

    A later run counts from its own beginning on: it knew better, but only of what was still to come.
    """
    found: dict[str, Slots] = {name: {} for name in ("power", "soc", *_RUN_SERIES)}
    curves = PlannedCurve.objects.filter(need=need).select_related("run").order_by("run__made_at", "pk")
    for curve in curves.defer("run__problem"):
        starts = [datetime.fromisoformat(start) for start in curve.run.slot_starts]
        for name, values in {"power": curve.power_w, **curve.run.series}.items():
            if name in found:
                _overwrite(found[name], starts, values)
        if starts:
            _overwrite(found["soc"], [*starts[1:], starts[-1] + QUARTER], curve.soc_percent)
    return found


def _overwrite(slots: Slots, starts: Sequence[datetime], values: Sequence[float]) -> None:
    """Take a run's values from its first slot on, whose cuts may differ from those of the run before."""
    for start in [start for start in slots if starts and start >= starts[0]]:
        del slots[start]
    slots.update(zip(starts, values, strict=False))


def measured_kw(transaction: Transaction | None) -> list[tuple[datetime, float]]:
    """What the meter says, in kW; nothing without a transaction."""
    if transaction is None:
        return []
    return [(at, watts / 1000) for at, watts in registers.power_curve(transaction)]


def ordered_kw(charge_point: ChargePoint, window: Window) -> Slots:
    """The lowest limit that grid operators ordered for a charge point, in kW by slot."""
    start, end = window
    orders = FlexOrder.objects.filter(
        charge_points=charge_point, withdrawn_at=None, starts_at__lt=end, ends_at__gt=start
    )
    limits: Slots = {}
    for order in orders:
        slot = max(quarter_start(order.starts_at), start)
        while slot < min(order.ends_at, end):
            limits[slot] = min(limits.get(slot, order.max_power_w / 1000), order.max_power_w / 1000)
            slot += QUARTER
    return limits


def kilo(slots: Slots) -> Slots:
    """W as kW."""
    return {start: watts / 1000 for start, watts in slots.items()}


def within(slots: Slots, window: Window) -> Slots:
    """The slots that begin in a window."""
    return {start: value for start, value in slots.items() if window[0] <= start < window[1]}


def steps(kind: str, label: str, slots: Slots, unit: str = "kW") -> dict[str, Any]:
    """A series whose values hold for a slot each."""
    return line(kind, label, sorted(slots.items()), unit)


def line(kind: str, label: str, points: Iterable[tuple[datetime, float]], unit: str = "kW") -> dict[str, Any]:
    """A series of points."""
    pairs = list(points)
    return {
        "kind": kind,
        "label": label,
        "unit": unit,
        "times": [round(at.timestamp()) for at, _value in pairs],
        "values": [round(value, 4) for _at, value in pairs],
    }


def chart(series: Iterable[dict[str, Any]], *, now: datetime, empty: str = "") -> dict[str, Any]:
    """A chart of the series that have values; ``empty`` is said where none has."""
    return {
        "unit": "kW",
        "times": [],
        "now": round(now.timestamp()),
        "series": [each for each in series if each["values"]],
        "text": {"table": _("As a table"), "time": _("Time"), "empty": empty or _("The plan is being made.")},
    }
