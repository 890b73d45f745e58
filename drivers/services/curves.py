"""The curves of a session, in the shape that the charts draw: kW, currency per kWh, epoch seconds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from chargepoints.domain.quarters import QUARTER, quarter_start
from chargepoints.services import metering
from drivers.models import ChargeSession
from smac.models import FlexOrder, PlannedCurve

Slots = dict[datetime, float]


def charge_curve(*, session: ChargeSession, now: datetime) -> dict[str, Any]:
    """What was planned and what the meter says, with the grid operator's limit drawn in."""
    window = _window(session, now)
    planned = _planned(session)
    series = [
        _steps("plan", _("Plan"), _within(_kilo(planned["power"]), window), "kW"),
        _line("measured", _("Measured"), _measured(session), "kW"),
        _steps("limit", _("Limit of the grid operator"), _limits(session, window), "kW"),
        _steps("soc", _("Battery, expected"), _within(planned["soc"], window), "%"),
    ]
    return _chart([each for each in series if each["values"]], unit="kW", now=now)


def context_curves(*, session: ChargeSession, now: datetime) -> dict[str, Any]:
    """What the plan follows: price, own production and demand at the supply point, and its limit."""
    window = _window(session, now)
    planned = _planned(session)
    series = [
        _steps("price", _("Price"), _within(planned["price"], window), _price_unit(session)),
        _steps("production", _("Production"), _within(_kilo(planned["production"]), window), "kW"),
        _steps("demand", _("Demand"), _within(_kilo(planned["demand"]), window), "kW"),
        _steps("limit", _("Limit of the connection"), _within(_kilo(planned["limit"]), window), "kW"),
    ]
    return _chart([each for each in series if each["values"]], unit="kW", now=now)


def _window(session: ChargeSession, now: datetime) -> tuple[datetime, datetime]:
    begun = session.transaction.started_at if session.transaction else session.requested_at
    over = session.ended_at or max(session.planned_end_at, now)
    return quarter_start(begun), quarter_start(over) + QUARTER


def _planned(session: ChargeSession) -> dict[str, Slots]:
    """Each slot as it was last planned: later runs know better, but only of slots that were still to come."""
    found: dict[str, Slots] = {name: {} for name in ("power", "soc", "price", "production", "demand", "limit")}
    curves = PlannedCurve.objects.filter(need_id=session.need_id).select_related("run").order_by("run__made_at", "pk")
    for curve in curves.defer("run__problem"):
        starts = [quarter_start(datetime.fromisoformat(start)) for start in curve.run.slot_starts]
        columns = {"power": curve.power_w} | {
            name: curve.run.series.get(name, []) for name in ("price", "production", "demand", "limit")
        }
        for name, values in columns.items():
            found[name].update(zip(starts, values, strict=False))
        # The battery's values are those of the slots' ends.
        found["soc"].update(zip([start + QUARTER for start in starts], curve.soc_percent, strict=False))
    return found


def _measured(session: ChargeSession) -> list[tuple[datetime, float]]:
    if session.transaction is None:
        return []
    return [(at, watts / 1000) for at, watts in metering.power_curve(session.transaction)]


def _limits(session: ChargeSession, window: tuple[datetime, datetime]) -> Slots:
    """The lowest limit that grid operators ordered for this charge point, by slot."""
    start, end = window
    orders = FlexOrder.objects.filter(
        charge_points=session.evse.charge_point_id, withdrawn_at=None, starts_at__lt=end, ends_at__gt=start
    )
    limits: Slots = {}
    for order in orders:
        slot = max(quarter_start(order.starts_at), start)
        while slot < min(order.ends_at, end):
            limits[slot] = min(limits.get(slot, math.inf), order.max_power_w / 1000)
            slot += QUARTER
    return limits


def _price_unit(session: ChargeSession) -> str:
    tariff = session.evse.charge_point.tariff
    currency = tariff.currency if tariff else "EUR"
    return "€/kWh" if currency == "EUR" else f"{currency}/kWh"


def _kilo(slots: Slots) -> Slots:
    return {start: watts / 1000 for start, watts in slots.items()}


def _within(slots: Slots, window: tuple[datetime, datetime]) -> Slots:
    return {start: value for start, value in slots.items() if window[0] <= start < window[1]}


def _steps(kind: str, label: str, slots: Slots, unit: str) -> dict[str, Any]:
    return _line(kind, label, sorted(slots.items()), unit)


def _line(kind: str, label: str, points: Iterable[tuple[datetime, float]], unit: str) -> dict[str, Any]:
    pairs = list(points)
    return {
        "kind": kind,
        "label": label,
        "unit": unit,
        "times": [round(at.timestamp()) for at, _value in pairs],
        "values": [round(value, 4) for _at, value in pairs],
    }


def _chart(series: list[dict[str, Any]], *, unit: str, now: datetime) -> dict[str, Any]:
    return {
        "unit": unit,
        "times": [],
        "now": round(now.timestamp()),
        "series": series,
        "text": {"table": _("As a table"), "time": _("Time"), "empty": _("The plan is being made.")},
    }
