"""The curves of a session, in the shape that the charts draw: kW, currency per kWh, epoch seconds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from chargepoints.domain.quarters import QUARTER, quarter_start
from drivers.models import ChargeSession
from smac import charts


def charge_curve(*, session: ChargeSession, now: datetime) -> dict[str, Any]:
    """What was planned and what the meter says, with the grid operator's limit drawn in."""
    window = _window(session, now)
    planned = charts.planned(session.need)
    series = [
        charts.steps("plan", _("Plan"), _one_a_minute(charts.within(charts.kilo(planned["power"]), window))),
        charts.line("measured", _("Measured"), charts.measured_kw(session.transaction)),
        charts.steps("limit", _("Limit of the grid operator"), charts.ordered_kw(session.evse.charge_point, window)),
        charts.steps("soc", _("Battery, expected"), charts.within(planned["soc"], window), "%"),
    ]
    return charts.chart(series, now=now)


def context_curves(*, session: ChargeSession, now: datetime) -> dict[str, Any]:
    """What the plan follows: price, own production and demand at the supply point, and its limit."""
    window = _window(session, now)
    planned = charts.planned(session.need)

    def power(name: str) -> charts.Slots:
        return charts.within(charts.kilo(planned[name]), window)

    series = [
        charts.steps("price", _("Price"), charts.within(planned["price"], window), _price_unit(session)),
        charts.steps("production", _("Production"), power("production")),
        charts.steps("demand", _("Demand"), power("demand")),
        charts.steps("limit", _("Limit of the connection"), power("limit")),
    ]
    return charts.chart(series, now=now)


def _one_a_minute(slots: charts.Slots) -> charts.Slots:
    """Of what was planned for one minute the last word: a plan lasts seconds where the cable came right after it."""
    by_minute = {start.replace(second=0, microsecond=0): (start, slots[start]) for start in sorted(slots)}
    return dict(by_minute.values())


def _window(session: ChargeSession, now: datetime) -> charts.Window:
    begun = session.transaction.started_at if session.transaction else session.requested_at
    over = session.ended_at or max(session.planned_end_at, now)
    return quarter_start(begun), quarter_start(over) + QUARTER


def _price_unit(session: ChargeSession) -> str:
    tariff = session.evse.charge_point.tariff
    currency = tariff.currency if tariff else "EUR"
    return "€/kWh" if currency == "EUR" else f"{currency}/kWh"
