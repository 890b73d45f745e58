"""Reads for the dashboard. Everything starts from the operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from chargepoints.domain.quarters import QUARTER, quarter_start
from chargepoints.domain.status import OUT_OF_SERVICE
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import (
    ChargePoint,
    ChargingProfile,
    Command,
    Connector,
    OcppMessage,
    Operator,
    SupplyPoint,
    Transaction,
)
from chargepoints.selectors.operators import charge_points_of, transactions_of
from smac import charts
from smac.models import ChargingNeed

MESSAGES_SHOWN = 60


@dataclass(frozen=True)
class Figures:
    """The four figures on top of every page. Power W."""

    charge_points: int
    connected: int
    sessions: int
    power_w: float
    capacity_w: int
    alarms: int

    @property
    def load_percent(self) -> float:
        return 100 * self.power_w / self.capacity_w if self.capacity_w else 0.0


def figures(operator: Operator) -> Figures:
    """What is happening now at an operator's charge points."""
    points = charge_points_of(operator)
    counted = points.aggregate(all=Count("pk"), connected=Count("pk", filter=~Q(connection_key="")))
    running = transactions_of(operator).filter(state=TransactionState.ACTIVE)
    drawn = running.aggregate(count=Count("pk"), power_w=Sum("power_w"))
    capacity = SupplyPoint.objects.filter(location__operator=operator).aggregate(w=Sum("contracted_capacity_w"))
    faults = Connector.objects.filter(evse__charge_point__in=points, status__in=list(OUT_OF_SERVICE)).count()
    return Figures(
        charge_points=counted["all"],
        connected=counted["connected"],
        sessions=drawn["count"],
        power_w=drawn["power_w"] or 0.0,
        capacity_w=capacity["w"] or 0,
        alarms=faults + counted["all"] - counted["connected"],
    )


def transactions(operator: Operator) -> QuerySet[Transaction]:
    """An operator's transactions with all that the table shows."""
    return transactions_of(operator).select_related(
        "charge_point__supply_point__location", "evse", "driver", "charging_need"
    )


def commands(operator: Operator) -> QuerySet[Command]:
    """The commands to an operator's charge points."""
    mine = Command.objects.filter(charge_point__supply_point__location__operator=operator)
    return mine.select_related("charge_point__supply_point__location", "requested_by", "transaction")


def locations(operator: Operator) -> QuerySet[ChargePoint]:
    """An operator's charge points with their place, supply point and connectors."""
    rows = charge_points_of(operator).select_related("supply_point__location", "tariff")
    return rows.prefetch_related("evses__connectors").annotate(status_at=Max("evses__connectors__status_at"))


def profiles_of(transaction: Transaction) -> QuerySet[ChargingProfile]:
    """The profiles that a transaction was given, newest first, with their commands."""
    return transaction.charging_profiles.select_related("command")


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
    return charts.chart(series, now=now)


def _window(transaction: Transaction, need: ChargingNeed | None, now: datetime) -> charts.Window:
    over = transaction.ended_at or max(now, need.departure_at if need else now)
    return quarter_start(transaction.started_at), quarter_start(over) + QUARTER
