"""Reservations: one holder an EVSE, however many ask at once; they lapse by themselves."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from chargepoints import events, realtime
from chargepoints.domain import intents
from chargepoints.domain.command import CommandStatus
from chargepoints.domain.errors import AlreadyReserved, NotAvailable
from chargepoints.domain.reservation import OPEN, ReservationStatus
from chargepoints.domain.status import ConnectorStatus, can_be_reserved
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import Command, Evse, IdToken, Reservation, ReservationChange
from chargepoints.services import commands

# The charger's clock may be off by minutes: it is told a little more, we end it ourselves on time.
_CHARGER_MARGIN = timedelta(minutes=5)
# What a charger that cannot hold a reservation itself answers: the reservation is kept here only.
_CANNOT_HOLD = frozenset({"NotSupported", "NotImplemented"})
_REFUSALS = {
    "Occupied": _("The charger says that it is occupied."),
    "Faulted": _("The charger reports a fault."),
    "Unavailable": _("The charger is out of service."),
    "Rejected": _("The charger refused the reservation."),
}


def reserve(
    *, evse: Evse, driver: Any, id_token: IdToken, until: datetime, now: datetime, vehicle_name: str = ""
) -> Reservation:
    """Reserve an EVSE for a driver.

    The database holds the promise: a unique constraint on open reservations, so that of many who ask at the same
    instant exactly one gets it.

    :raises NotAvailable: the charger is away, occupied or out of service, or the driver may not use it.
    :raises AlreadyReserved: somebody else has it, or the driver holds another reservation.
    """
    _check_usable(evse, driver)
    try:
        with transaction.atomic():
            reservation = Reservation.objects.create(
                evse=evse,
                driver=driver,
                id_token=id_token,
                vehicle_name=vehicle_name,
                reserved_at=now,
                expires_at=until,
            )
            ReservationChange.objects.create(reservation=reservation, status=reservation.status, at=now)
            _tell_charger(reservation, now)
            _announce(reservation)
    except IntegrityError as error:
        raise _whose(evse, driver) from error
    return reservation


def _check_usable(evse: Evse, driver: Any) -> None:
    location = evse.charge_point.supply_point.location
    if location.owner_id and location.owner_id != driver.pk:
        raise NotAvailable(_("This charge point is private."))
    if not evse.charge_point.is_connected:
        raise NotAvailable(_("The charger cannot be reached at the moment."))
    if evse.reservations.filter(status__in=list(OPEN)).exists():
        raise _whose(evse, driver)
    statuses = [ConnectorStatus(connector.status) for connector in evse.connectors.all()]
    occupied = evse.transactions.filter(state=TransactionState.ACTIVE).exists()
    if occupied or not any(map(can_be_reserved, statuses)):
        raise NotAvailable(_("The charger is not free."))


def _whose(evse: Evse, driver: Any) -> AlreadyReserved:
    taken = evse.reservations.filter(status__in=list(OPEN)).exclude(driver=driver).exists()
    if not taken and driver.reservations.filter(status=ReservationStatus.ACTIVE).exists():
        return AlreadyReserved(_("You already hold a reservation. Cancel it first."), code="own")
    return AlreadyReserved(_("Somebody else has just reserved this charger."), code="taken")


def _tell_charger(reservation: Reservation, now: datetime) -> None:
    intent = intents.ReserveNow(
        evse_number=reservation.evse.number,
        reservation_number=reservation.pk,
        token=reservation.id_token.token,
        token_type=reservation.id_token.type,
        expires_at=reservation.expires_at + _CHARGER_MARGIN,
    )
    commands.enqueue(
        charge_point=reservation.evse.charge_point,
        intent=intent,
        now=now,
        requested_by=reservation.driver,
        supersede_key=f"reserve:{reservation.evse_id}",
        valid_for=max(reservation.expires_at - now, timedelta(seconds=1)),
    )


@commands.on_settled(intents.ReserveNow.kind)
def _charger_answered(command: Command) -> None:
    """A charger that refuses ends the reservation; one that cannot hold reservations does not."""
    intent = command.intent
    assert isinstance(intent, intents.ReserveNow)
    reservation = Reservation.objects.filter(pk=intent.reservation_number).first()
    if reservation is None:
        return
    answer = str(command.result.get("status", "")) or command.error[:16] or command.status
    Reservation.objects.filter(pk=reservation.pk).update(charger_answer=answer[:16])
    if command.status == CommandStatus.REJECTED and answer not in _CANNOT_HOLD:
        reason = str(_REFUSALS.get(answer, _REFUSALS["Rejected"]))
        _close(reservation, ReservationStatus.CANCELLED, now=command.settled_at or command.updated_at, reason=reason)


def cancel(*, reservation: Reservation, now: datetime, reason: str = "") -> bool:
    """End a reservation that was not used yet and tell the charger; whether it was still open."""
    return _release(reservation, ReservationStatus.CANCELLED, now=now, reason=reason)


def sweep(*, now: datetime) -> int:
    """End every reservation whose time has passed; how many. Safe to run at any time, any number of times."""
    lapsed = Reservation.objects.filter(status=ReservationStatus.ACTIVE, expires_at__lte=now)
    return sum(_release(one, ReservationStatus.NOT_USED, now=now, reason="") for one in _with_chargers(lapsed))


def release_unusable(*, evse_id: int, now: datetime) -> None:
    """The charger broke: whoever reserved it is free to look elsewhere."""
    for reservation in _with_chargers(Reservation.objects.filter(evse_id=evse_id, status=ReservationStatus.ACTIVE)):
        _release(reservation, ReservationStatus.CANCELLED, now=now, reason=str(_REFUSALS["Faulted"]))


def _with_chargers(reservations: Any) -> Iterable[Reservation]:
    return reservations.select_related("evse__charge_point", "id_token")


@transaction.atomic
def _release(reservation: Reservation, status: ReservationStatus, *, now: datetime, reason: str) -> bool:
    if not _close(reservation, status, now=now, reason=reason):
        return False
    commands.enqueue(
        charge_point=reservation.evse.charge_point,
        intent=intents.CancelReservation(reservation_number=reservation.pk),
        now=now,
        requested_by=reservation.driver,
        supersede_key=f"reserve:{reservation.evse_id}",
    )
    return True


def use(*, reservation: Reservation, now: datetime) -> bool:
    """Its holder's transaction has started."""
    return _move(reservation, ReservationStatus.ACTIVE, ReservationStatus.IN_USE, now=now)


def finish(*, reservation: Reservation, now: datetime) -> bool:
    """Its holder's transaction has ended."""
    return _move(reservation, ReservationStatus.IN_USE, ReservationStatus.DONE, now=now, closed_at=now)


def active_for(*, evse: Evse, now: datetime) -> Reservation | None:
    """The reservation that holds an EVSE now, used or not."""
    return evse.reservations.filter(status=ReservationStatus.ACTIVE, expires_at__gt=now).first()


def _close(reservation: Reservation, status: ReservationStatus, *, now: datetime, reason: str) -> bool:
    return _move(reservation, ReservationStatus.ACTIVE, status, now=now, reason=reason, closed_at=now)


def _move(
    reservation: Reservation,
    old: ReservationStatus,
    new: ReservationStatus,
    *,
    now: datetime,
    reason: str = "",
    **values: Any,
) -> bool:
    """Move by conditional UPDATE and believe the row count."""
    with transaction.atomic():
        moved = Reservation.objects.filter(pk=reservation.pk, status=old).update(status=new, **values)
        if not moved:
            return False
        reservation.status = new
        ReservationChange.objects.create(reservation=reservation, status=new, reason=reason[:120], at=now)
        _announce(reservation)
    return True


def _announce(reservation: Reservation) -> None:
    events.announce(events.reservation_changed, reservation_id=reservation.pk)
    realtime.nudge("map", f"user.{reservation.driver_id}.session")
