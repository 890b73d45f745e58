"""Reservations: one holder an EVSE, however many ask at once; they lapse by themselves."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.errors import AlreadyReserved, NotAvailable, Refused
from chargepoints.domain.reservation import OPEN, ReservationStatus
from chargepoints.domain.status import OUT_OF_SERVICE, ConnectorStatus, can_be_reserved
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, Connector, Evse, IdToken, Reservation, ReservationChange
from chargepoints.services import reservation_agreement as agreement
from chargepoints.services import reservation_rows as rows

# A charger's clock may be off by this much when it is asked which came first, its start or a reservation here.
CLOCK_MARGIN = timedelta(minutes=5)
# A line that is cut for longer is not coming back before the driver is there.
GONE_AFTER = timedelta(minutes=10)
_GONE = _("The charger cannot be reached any more. Please take another one.")


def reserve(
    *, evse: Evse, driver: Any, id_token: IdToken, until: datetime, now: datetime, vehicle_name: str = ""
) -> Reservation:
    """Reserve an EVSE for a driver.

    The database holds the promise: a unique constraint on open reservations, so that of many who ask at the same
    instant exactly one gets it.

    :raises NotAvailable: the charger is away, occupied or out of service, or the driver may not use it.
    :raises AlreadyReserved: somebody else has it, or the driver holds another reservation.
    """
    return _reserve(evse, driver, now, id_token=id_token, expires_at=until, vehicle_name=vehicle_name)


def reserve_any(
    *,
    charge_point: ChargePoint,
    driver: Any,
    id_token: IdToken,
    until: datetime,
    now: datetime,
    vehicle_name: str = "",
    connector_standard: str = "",
) -> Reservation:
    """Reserve whichever EVSE of a charger is free (and has this plug, in OCPI's word).

    One is kept free here, ``Reservation.evse``, until its holder uses another; a charger that cannot hold an
    unspecified one is asked for that EVSE.

    :raises NotAvailable: none is free, or none has the plug.
    :raises AlreadyReserved: all are taken, or the driver holds another reservation.
    """
    refusal: Refused = NotAvailable(_("No charger here has this plug."))
    for evse in _fitting(charge_point, connector_standard):
        try:
            return _reserve(
                evse,
                driver,
                now,
                id_token=id_token,
                expires_at=until,
                vehicle_name=vehicle_name,
                any_evse=agreement.holds_any(charge_point),
                connector_standard=connector_standard,
            )
        except Refused as error:
            refusal = error
            if error.code == "own":
                break
    raise refusal


def _fitting(charge_point: ChargePoint, standard: str) -> Iterable[Evse]:
    evses = charge_point.evses.select_related("charge_point__supply_point__location").order_by("number")
    return evses.filter(connectors__standard=standard).distinct() if standard else evses


def _reserve(evse: Evse, driver: Any, now: datetime, **values: Any) -> Reservation:
    _check_usable(evse, driver)
    try:
        with transaction.atomic():
            reservation = Reservation.objects.create(evse=evse, driver=driver, reserved_at=now, **values)
            ReservationChange.objects.create(reservation=reservation, status=reservation.status, at=now)
            agreement.tell(reservation, now)
            rows.announce(reservation)
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


def cancel(*, reservation: Reservation, now: datetime, reason: str = "") -> bool:
    """End a reservation that was not used yet and tell the charger; whether it was still open."""
    return _release(reservation, ReservationStatus.CANCELLED, now=now, reason=reason)


def extend(*, reservation: Reservation, until: datetime, now: datetime) -> bool:
    """Keep it for another time and tell the charger; whether it was still held."""
    held = Reservation.objects.filter(pk=reservation.pk, status=ReservationStatus.ACTIVE, expires_at__gt=now)
    with transaction.atomic():
        if not held.update(expires_at=until):
            return False
        reservation.expires_at = until
        agreement.tell(reservation, now)
        rows.announce(reservation)
    return True


def sweep(*, now: datetime) -> int:
    """End every reservation whose time has passed, or whose charger is gone, and agree with the chargers on the others;
    how many ended. Safe to run at any time, any number of times."""
    active = Reservation.objects.filter(status=ReservationStatus.ACTIVE)
    lapsed = rows.with_chargers(active.filter(expires_at__lte=now))
    ended = sum(_release(one, ReservationStatus.NOT_USED, now=now) for one in lapsed)
    gone = active.filter(
        evse__charge_point__connection_key="", evse__charge_point__disconnected_at__lte=now - GONE_AFTER
    )
    ended += sum(_release(one, ReservationStatus.CANCELLED, now=now, reason=_GONE) for one in rows.with_chargers(gone))
    agreement.agree(now=now)
    return ended


def release_unusable(*, evse_id: int, now: datetime) -> None:
    """The EVSE is out of service: an unspecified reservation moves on, whoever holds this one may look elsewhere."""
    statuses = set(Connector.objects.filter(evse_id=evse_id).values_list("status", flat=True))
    if statuses - {str(status) for status in OUT_OF_SERVICE}:
        return  # another plug of it is still in order
    word = "Faulted" if ConnectorStatus.FAULTED in statuses else "Unavailable"
    for reservation in rows.with_chargers(Reservation.objects.filter(evse_id=evse_id, status=ReservationStatus.ACTIVE)):
        if not make_room(reservation=reservation):
            _release(reservation, ReservationStatus.CANCELLED, now=now, reason=agreement.REFUSALS[word])


@transaction.atomic
def _release(reservation: Reservation, status: ReservationStatus, *, now: datetime, reason: Any = "") -> bool:
    if not rows.close(reservation, status, now=now, reason=reason):
        return False
    agreement.take_back(reservation, now)
    return True


def make_room(*, reservation: Reservation) -> bool:
    """Keep another EVSE free for an unspecified reservation; whether there was one."""
    if not reservation.any_evse:
        return False
    for evse in _fitting(reservation.evse.charge_point, reservation.connector_standard):
        if evse.pk != reservation.evse_id and _is_free(evse) and _repin(reservation, evse):
            return True
    return False


def _is_free(evse: Evse) -> bool:
    """Chargers show the EVSEs that they need for unspecified reservations as reserved."""
    usable = (ConnectorStatus.AVAILABLE, ConnectorStatus.RESERVED)
    if evse.transactions.filter(state=TransactionState.ACTIVE).exists():
        return False
    return any(connector.status in usable for connector in evse.connectors.all())


def _repin(reservation: Reservation, evse: Evse) -> bool:
    try:
        with transaction.atomic():
            moved = Reservation.objects.filter(
                pk=reservation.pk, status=ReservationStatus.ACTIVE, evse_id=reservation.evse_id
            ).update(evse=evse)
    except IntegrityError:
        return False  # somebody else has it
    if moved:
        reservation.evse = evse
        rows.announce(reservation)
    return bool(moved)


def _swap(mine: Reservation, theirs: Reservation) -> None:
    """Two unspecified reservations of a charger change places; never are both on one EVSE."""
    active = ReservationStatus.ACTIVE
    with transaction.atomic():
        Reservation.objects.filter(pk=mine.pk).update(status=ReservationStatus.NOT_USED)
        Reservation.objects.filter(pk=theirs.pk).update(evse=mine.evse_id)
        Reservation.objects.filter(pk=mine.pk).update(status=active, evse=theirs.evse_id)
    mine.evse_id, theirs.evse_id = theirs.evse_id, mine.evse_id
    for one in (mine, theirs):
        rows.announce(one)


def admits(*, evse: Evse, id_token: IdToken | None, at: datetime, now: datetime) -> bool:
    """Whether the reservations let this token start here.

    Its own holder may; a stranger where the charger can keep another EVSE free instead. A start from before the
    reservation was made (an offline queue) is not measured by it.
    """
    held = active_for(evse=evse, now=now)
    if held is None or held.reserved_at > at + CLOCK_MARGIN or holds(held, id_token):
        return True
    if not held.any_evse:
        return False
    mine = _unspecified_of(evse, id_token, now)
    if mine is not None:
        _swap(mine, held)
        return True
    return make_room(reservation=held)


def _unspecified_of(evse: Evse, id_token: IdToken | None, now: datetime) -> Reservation | None:
    others = Reservation.objects.filter(
        evse__charge_point=evse.charge_point_id, any_evse=True, status=ReservationStatus.ACTIVE, expires_at__gt=now
    ).select_related("id_token")
    return next((one for one in others if holds(one, id_token)), None)


def holds(reservation: Reservation, id_token: IdToken | None) -> bool:
    """Whether a reservation is the token's own, its driver's or its group's."""
    if id_token is None:
        return False
    same_parent = bool(id_token.parent) and id_token.parent.upper() == reservation.id_token.parent.upper()
    return id_token.pk == reservation.id_token_id or id_token.driver_id == reservation.driver_id or same_parent


def use_for(
    *, evse: Evse | None, id_token: IdToken | None, at: datetime, now: datetime, number: int | None = None
) -> Reservation | None:
    """The reservation that a holder's start uses up, if there is one.

    It is for this EVSE, or for any of the charger, or the charger names it (``number``). One that has lapsed here
    counts when the start lay within its time: an offline charger told of it late.
    """
    if evse is None or id_token is None:
        return None
    mine = [one for one in _open_at(evse, at, now) if holds(one, id_token)]
    mine = [one for one in mine if one.evse_id == evse.pk or one.any_evse or one.pk == number]
    mine.sort(key=lambda one: (one.status != ReservationStatus.ACTIVE, one.evse_id != evse.pk, -one.pk))
    return next((one for one in mine if _use_on(one, evse, now)), None)


def _open_at(evse: Evse, at: datetime, now: datetime) -> Iterable[Reservation]:
    active = Q(status=ReservationStatus.ACTIVE, expires_at__gt=now)
    lapsed = Q(status__in=[ReservationStatus.ACTIVE, ReservationStatus.NOT_USED], expires_at__gte=at)
    return (
        Reservation.objects.filter(active | lapsed, evse__charge_point=evse.charge_point_id)
        .filter(reserved_at__lte=at + CLOCK_MARGIN)
        .select_related("id_token")
    )


def _use_on(reservation: Reservation, evse: Evse, now: datetime) -> bool:
    try:
        with transaction.atomic():
            return rows.move(
                reservation, ReservationStatus(reservation.status), ReservationStatus.IN_USE, now=now, evse=evse
            )
    except IntegrityError:
        return False  # the EVSE is somebody else's by now


def use(*, reservation: Reservation, now: datetime) -> bool:
    """Its holder's transaction has started."""
    return rows.move(reservation, ReservationStatus.ACTIVE, ReservationStatus.IN_USE, now=now)


def finish(*, reservation: Reservation, now: datetime) -> bool:
    """Its holder's transaction has ended."""
    return rows.move(reservation, ReservationStatus.IN_USE, ReservationStatus.DONE, now=now, closed_at=now)


def active_for(*, evse: Evse, now: datetime) -> Reservation | None:
    """The reservation that holds an EVSE now and is not used yet."""
    return (
        evse.reservations.filter(status=ReservationStatus.ACTIVE, expires_at__gt=now)
        .select_related("id_token", "evse__charge_point")
        .first()
    )
