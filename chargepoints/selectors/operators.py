"""Whose a charge point is."""

from typing import Any

from django.db.models import QuerySet

from chargepoints.models import ChargePoint, Operator, Transaction
from chargepoints.realtime import ChargerTopic, Topic


def operator_of(user: Any) -> Operator | None:
    """The operator that a user works for."""
    staff = getattr(user, "operator_staff", None)
    return staff.operator if staff else None


def charge_points_of(operator: Operator) -> QuerySet[ChargePoint]:
    """The charge points that an operator owns."""
    return ChargePoint.objects.filter(supply_point__location__operator=operator)


def transactions_of(operator: Operator) -> QuerySet[Transaction]:
    """The transactions on an operator's charge points."""
    return Transaction.objects.filter(charge_point__supply_point__location__operator=operator)


def topic_of(charge_point_id: int, subject: str) -> list[Topic]:
    """The live topic of the operator that owns a charge point; it is looked up when it is told."""
    return [ChargerTopic(charge_point_id, subject)]
