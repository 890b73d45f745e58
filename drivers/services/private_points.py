"""Charge points of one's own, which need no reservation."""

from typing import Any

from django.db.models import QuerySet

from chargepoints.models import Evse


def evses(driver: Any) -> QuerySet[Evse]:
    """The EVSEs at the driver's own places."""
    return (
        Evse.objects.filter(charge_point__supply_point__location__owner=driver)
        .select_related("charge_point__supply_point__location", "charge_point__tariff")
        .prefetch_related("connectors")
        .order_by("charge_point__identity", "number")
    )
