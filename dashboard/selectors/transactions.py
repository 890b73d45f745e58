"""Reads of transactions."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from chargepoints.domain.quarters import QUARTER, quarter_start
from chargepoints.models import ChargingProfile, OcppMessage, Operator, SignedMeterValue, Transaction
from chargepoints.selectors.operators import transactions_of
from smac import charts
from smac.models import ChargingNeed

MESSAGES_SHOWN = 60


def of_operator(operator: Operator) -> QuerySet[Transaction]:
    """An operator's transactions with all that the table shows."""
    return transactions_of(operator).select_related(
        "charge_point__supply_point__location", "evse", "driver", "charging_need"
    )


def profiles_of(transaction: Transaction) -> QuerySet[ChargingProfile]:
    """The profiles that a transaction was given, newest first, with their commands."""
    return transaction.charging_profiles.select_related("command")


def signed_readings_of(transaction: Transaction) -> QuerySet[SignedMeterValue]:
    """The signed readings of a transaction, as the charger sent them."""
    return transaction.signed_meter_values.order_by("at", "pk")


def messages_of(transaction: Transaction) -> list[OcppMessage]:
    """The newest OCPP frames on the charger while the transaction ran, in order."""
    until = (transaction.ended_at or transaction.last_value_at or transaction.started_at) + timedelta(minutes=2)
    frames = OcppMessage.objects.filter(
        charge_point=transaction.charge_point,
        at__gte=transaction.started_at - timedelta(minutes=2),
        at__lte=until,
    ).exclude(action="Heartbeat")
    return list(frames.order_by("-pk")[:MESSAGES_SHOWN])[::-1]


def need_of(transaction: Transaction) -> ChargingNeed | None:
    """The wish behind a transaction, where there is one."""
    return ChargingNeed.objects.filter(transaction=transaction).first()


def curve(transaction: Transaction, *, now: datetime) -> dict[str, object]:
    """Plan against meter, with a grid operator's limit and the price that the plan follows."""
    need = need_of(transaction)
    window = _window(transaction, need, now)
    plan = charts.planned(need) if need else {"power": {}, "price": {}}
    series = [
        charts.steps("plan", _("Plan"), charts.within(charts.kilo(plan["power"]), window)),
        charts.line("measured", _("Measured"), charts.measured_kw(transaction)),
        charts.steps("limit", _("Limit of the grid operator"), charts.ordered_kw(transaction.charge_point, window)),
        charts.steps("price", _("Price"), charts.within(plan["price"], window), "€/kWh"),
    ]
    return charts.chart(series, now=now, empty=_("Nothing was measured.") if transaction.ended_at else "")


def _window(transaction: Transaction, need: ChargingNeed | None, now: datetime) -> charts.Window:
    over = transaction.ended_at or max(now, need.departure_at if need else now)
    return quarter_start(transaction.started_at), quarter_start(over) + QUARTER
