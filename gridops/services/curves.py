"""Planned and measured power under an order, in the shape that the charts draw. Power kW, times epoch seconds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from chargepoints.domain.quarters import QUARTER, quarter_start
from chargepoints.models import ChargePoint, SupplyPoint
from gridops.services import measuring
from gridops.services.steps import Steps, combined, cut, replanned, settled, summed
from smac import charts
from smac.models import FlexOrder, PlannedCurve, PlanRun

# Before and after the window, so that one sees what the order changed.
MARGIN = timedelta(hours=1)
# A plan that another replaced within a minute (cars that arrive one after the other) never reached a charger.
BRIEF = timedelta(minutes=1)


@dataclass(frozen=True)
class Window:
    """What a chart shows: [start, end), in whole quarters."""

    start: datetime
    end: datetime

    @classmethod
    def around(cls, order: FlexOrder) -> Window:
        return cls(quarter_start(order.starts_at - MARGIN), quarter_start(order.ends_at + MARGIN) + QUARTER)

    def cut(self, curve: Steps) -> Steps:
        return cut(curve, self.start, self.end)


def power(*, order: FlexOrder, charge_points: Sequence[ChargePoint], now: datetime, alone: bool) -> dict[str, Any]:
    """Plan, meter and limit of these charge points together; ``alone``: one of several, seen by itself."""
    window = Window.around(order)
    series = [
        line("plan", _("Plan"), planned(charge_points, window)),
        line("measured", _("Measured"), measuring.power(charge_points, window.start, min(window.end, now))),
        *limits(order, len(charge_points), alone=alone),
    ]
    return chart(series, now=now)


def flexibility(
    *, order: FlexOrder, supply_point_ids: Collection[int], now: datetime, limited_points: int = 0
) -> dict[str, Any]:
    """What the vehicles of the supply points are to draw, and how far up and down that could go.

    ``limited_points``: how many charge points are there, where the order limits all of them: then the limit is drawn.
    """
    window = Window.around(order)
    plan, up, down = (_summed(supply_point_ids, name, window) for name in ("vehicles", *_FLEXIBILITY))
    series = [
        line("flex_up", _("Possible range"), combined(plan, up, 1)),
        line("flex_down", _("Possible at least"), combined(plan, down, -1)),
        line("plan", _("Plan"), plan),
        *(limits(order, limited_points, alone=False) if limited_points else []),
    ]
    return chart(series, now=now)


def storage(*, order: FlexOrder, supply_point: SupplyPoint, now: datetime) -> dict[str, Any]:
    """What the local battery is to do: charging above zero, giving below."""
    window = Window.around(order)
    return chart([line("plan", _("Plan of the battery"), _summed([supply_point.pk], "storage", window))], now=now)


_FLEXIBILITY = ("flexibility_up", "flexibility_down")


def limits(order: FlexOrder, points: int, *, alone: bool) -> list[dict[str, Any]]:
    """The ordered limits while they hold; one point alone has none of its own under a limit for all together."""
    end = min(order.ends_at, order.withdrawn_at or order.ends_at)
    if end <= order.starts_at or (alone and order.scope == FlexOrder.Scope.TOGETHER):
        return []
    each = order.scope == FlexOrder.Scope.EACH
    most_w = max(order.max_power_w, order.floor_w) * points if each else order.max_power_w
    found = [line("limit", _("Limit"), [(order.starts_at, most_w), (end, most_w)])]
    if order.v2g:
        least_w = -order.max_export_w * (points if each else 1)
        found.append(line("limit", _("Limit to the grid"), [(order.starts_at, least_w), (end, least_w)]))
    return found


def planned(charge_points: Sequence[ChargePoint], window: Window) -> Steps:
    """Each moment as it was last planned before it came, W, for all the charge points together."""
    by_supply_point: dict[int, list[int]] = defaultdict(list)
    for point in charge_points:
        by_supply_point[point.supply_point_id].append(point.pk)
    return summed([_planned_at(pk, ids, window) for pk, ids in by_supply_point.items()])


def _planned_at(supply_point_id: int, charge_point_ids: Collection[int], window: Window) -> Steps:
    runs = _runs(supply_point_id, window)
    curves: dict[int, list[list[float]]] = defaultdict(list)
    rows = PlannedCurve.objects.filter(run__in=runs, need__evse__charge_point__in=charge_point_ids)
    for run_id, power_w in rows.values_list("run_id", "power_w"):
        curves[run_id].append(power_w)
    whole = replanned(_steps_of(run, _total(curves[run.pk], len(run.slot_starts))) for run in runs)
    return window.cut(settled(whole, BRIEF))


def _total(curves: Sequence[Sequence[float]], slots: int) -> list[float]:
    return [sum(values) for values in zip(*curves, strict=True)] or [0.0] * slots


def _summed(supply_point_ids: Iterable[int], name: str, window: Window) -> Steps:
    """One curve of the runs, summed over the supply points, W."""
    curves = []
    for supply_point_id in supply_point_ids:
        runs = _runs(supply_point_id, window)
        whole = replanned(_steps_of(run, run.series.get(name, [])) for run in runs)
        curves.append(window.cut(settled(whole, BRIEF)))
    return summed(curves)


def _runs(supply_point_id: int, window: Window) -> list[PlanRun]:
    """The runs that planned the window, oldest first: later ones know better, of slots still to come."""
    made = PlanRun.objects.filter(supply_point_id=supply_point_id, made_at__lt=window.end).defer("problem", "notes")
    made = made.exclude(status=PlanRun.Status.FAILED)
    before = made.filter(made_at__lt=window.start).order_by("-made_at", "-pk").first()
    during = made.filter(made_at__gte=window.start).order_by("made_at", "pk")
    return [*([before] if before else []), *during]


def _steps_of(run: PlanRun, values: Sequence[float]) -> Steps:
    starts = [datetime.fromisoformat(text) for text in run.slot_starts]
    return list(zip(starts, values, strict=False))


def line(kind: str, label: str, points: Iterable[tuple[datetime, float]]) -> dict[str, Any]:
    """A curve by points, W."""
    return charts.line(kind, label, [(at, value / 1000) for at, value in points])


def chart(series: Iterable[dict[str, Any]], *, now: datetime) -> dict[str, Any]:
    """The chart of the series that have values."""
    return charts.chart(series, now=now, empty=_("No plan reaches this window yet."))
