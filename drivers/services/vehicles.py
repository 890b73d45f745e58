"""Which vehicles a driver may use, and what becomes of one that is removed."""

from datetime import datetime
from typing import Any

from django.db.models import Case, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.errors import Refused
from drivers.models import ChargeSession, Vehicle

OPEN_STATES = (ChargeSession.State.STARTING, ChargeSession.State.CHARGING, ChargeSession.State.FINISHED)


def usable(driver: Any, now: datetime) -> QuerySet[Vehicle]:
    """Own vehicles first, then shared ones booked for now."""
    is_borrowed = Case(When(owner=driver, then=Value(0)), default=Value(1))
    usable_now = Vehicle.objects.usable_by(driver, now).annotate(is_borrowed=is_borrowed)
    return usable_now.order_by("is_borrowed", "brand", "model", "plate")


def named(driver: Any, name: str, now: datetime) -> Vehicle | None:
    """The usable vehicle that a reservation was made for; None when it is gone."""
    return next((vehicle for vehicle in usable(driver, now) if str(vehicle) == name), None)


def remove(*, vehicle: Vehicle) -> None:
    """Removes a vehicle; finished sessions stay.

    :raises Refused: while it is charging.
    """
    if vehicle.charge_sessions.filter(state__in=OPEN_STATES).exists():
        raise Refused(_("This vehicle is charging. End the session first."))
    vehicle.delete()
