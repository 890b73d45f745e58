"""What is happening now, in figures."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, Sum

from chargepoints.domain.status import OUT_OF_SERVICE
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import Connector, Operator, SupplyPoint
from chargepoints.selectors.operators import charge_points_of, transactions_of


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


def of_operator(operator: Operator) -> Figures:
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
