"""Reads of commands."""

from __future__ import annotations

from django.db.models import QuerySet

from chargepoints.models import Command, Operator


def of_operator(operator: Operator) -> QuerySet[Command]:
    """The commands to an operator's charge points."""
    mine = Command.objects.filter(charge_point__supply_point__location__operator=operator)
    return mine.select_related("charge_point__supply_point__location", "requested_by", "transaction")
