"""That a charger and we mean the same reservations: what it is told, what it answers, and what it forgot."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from chargepoints.domain import intents, reports
from chargepoints.domain.command import CommandStatus
from chargepoints.domain.reservation import ACCEPTED, CANNOT_HOLD, CONNECTOR_TYPES, NO_ANSWER, OPEN, ReservationStatus
from chargepoints.domain.status import ConnectorStatus
from chargepoints.models import ChargePoint, Command, Connector, DeviceVariable, Reservation
from chargepoints.services import commands
from chargepoints.services import reservation_rows as rows

# The charger's clock may be off by minutes: it is told a little more, we end it ourselves on time.
CHARGER_MARGIN = timedelta(minutes=5)
# A charger that calls a connector free that it holds for somebody is asked again, but not at each of its reports.
_AGAIN_AFTER = timedelta(minutes=5)
# A status that comes while the reservation or its end is still on its way says nothing.
_ON_ITS_WAY = timedelta(minutes=1)
_OCCUPIED = "Occupied"
_HOLDS_ANY = Q(component="", name="ReserveConnectorZeroSupported") | Q(
    component="ReservationCtrlr", name="NonEvseSpecific"
)
REFUSALS = {
    _OCCUPIED: _("The charger says that it is occupied."),
    "Faulted": _("The charger reports a fault."),
    "Unavailable": _("The charger is out of service."),
    "Rejected": _("The charger refused the reservation."),
}
_REMOVED = _("The charger gave the reservation up.")


def tell(reservation: Reservation, now: datetime) -> Command:
    """Ask the charger to hold it. One that it holds already under this number is replaced (1.6 5.13, H01.FR.02)."""
    again = reservation.told_at is not None
    standard = reservation.connector_standard if reservation.any_evse else ""
    intent = intents.ReserveNow(
        evse_number=0 if reservation.any_evse else reservation.evse.number,
        reservation_number=reservation.pk,
        token=reservation.id_token.token,
        token_type=reservation.id_token.type,
        parent=reservation.id_token.parent,
        expires_at=reservation.expires_at + CHARGER_MARGIN,
        connector_standard=CONNECTOR_TYPES.get(standard, ""),
    )
    Reservation.objects.filter(pk=reservation.pk).update(told_at=now)
    reservation.told_at = now
    return commands.enqueue(
        charge_point=reservation.evse.charge_point,
        intent=intent,
        now=now,
        requested_by=reservation.driver,
        cause={"again": True} if again else None,
        supersede_key=_key(reservation),
        valid_for=max(reservation.expires_at - now, timedelta(seconds=1)),
    )


def take_back(reservation: Reservation, now: datetime) -> Command:
    """Tell the charger that it is over, for as long as the charger may still hold it."""
    return commands.enqueue(
        charge_point=reservation.evse.charge_point,
        intent=intents.CancelReservation(reservation_number=reservation.pk),
        now=now,
        requested_by=reservation.driver,
        supersede_key=_key(reservation),
        valid_for=max(reservation.expires_at + CHARGER_MARGIN - now, commands.USUAL_VALIDITY),
    )


def _key(reservation: Reservation) -> str:
    return f"reservation:{reservation.pk}"


def holds_any(charge_point: ChargePoint) -> bool:
    """Whether the charger can keep whichever EVSE free (1.6 connector 0, 2.0.1 without an EVSE)."""
    return charge_point.pk in holding_any([charge_point.pk])


def holding_any(charge_point_ids: Iterable[int]) -> set[int]:
    """Which of these chargers told that they can; in one query."""
    told = DeviceVariable.objects.filter(_HOLDS_ANY, charge_point__in=charge_point_ids, attribute="Actual")
    return set(told.filter(value__iexact="true").values_list("charge_point_id", flat=True))


@commands.on_settled(intents.ReserveNow.kind)
def _charger_answered(command: Command) -> None:
    """A charger that refuses ends the reservation; one that cannot hold reservations does not."""
    intent = command.intent
    assert isinstance(intent, intents.ReserveNow)
    reservation = Reservation.objects.select_related("driver").filter(pk=intent.reservation_number).first()
    if reservation is None:
        return
    answer = _answer(command)
    Reservation.objects.filter(pk=reservation.pk).update(charger_answer=answer)
    if command.status != CommandStatus.REJECTED or answer.startswith(CANNOT_HOLD):
        rows.announce(reservation)
        return
    if answer == _OCCUPIED and command.cause.get("again"):
        return  # asked again after a reboot: it may be its holder's own cable
    reason = REFUSALS.get(answer, REFUSALS["Rejected"])
    rows.close(reservation, ReservationStatus.CANCELLED, now=_moment(command), reason=reason)


def _answer(command: Command) -> str:
    """What the charger said, in one word."""
    if command.status in (CommandStatus.TIMED_OUT, CommandStatus.EXPIRED, CommandStatus.CANCELLED):
        return NO_ANSWER
    return (str(command.result.get("status", "")) or command.error.partition(":")[0])[:16]


def _moment(command: Command) -> datetime:
    return command.settled_at or command.updated_at


def charger_ended(*, charge_point_id: int, report: reports.ReservationEnded, now: datetime) -> None:
    """2.0.1 tells that it holds a reservation no more (H04, H01.FR.25).

    Expired before its time is a clock that runs ahead: it is kept here until the end. Removed is the charger's wish.
    """
    mine = Reservation.objects.filter(evse__charge_point_id=charge_point_id, pk=report.reservation_number)
    reservation = rows.with_chargers(mine).first()
    if reservation is None:
        return
    Reservation.objects.filter(pk=reservation.pk).update(charger_answer=report.status[:16])
    if report.status == "Removed":
        rows.close(reservation, ReservationStatus.CANCELLED, now=now, reason=_REMOVED)
    elif now >= reservation.expires_at:
        rows.close(reservation, ReservationStatus.NOT_USED, now=now)


def agree(*, now: datetime) -> int:
    """Tell again what chargers may have forgotten, take back what they hold for nobody; how many commands."""
    return sum(tell(one, now) is not None for one in _forgotten(now)) + _take_back_orphans(now)


def _forgotten(now: datetime) -> list[Reservation]:
    """A boot or a new line since it was told; or a connector that is free for all, five minutes after."""
    point = "evse__charge_point__"
    since = Q(told_at__lt=F(f"{point}booted_at")) | Q(told_at__lt=F(f"{point}connected_at"))
    free = Q(
        any_evse=False,
        charger_answer=ACCEPTED,
        told_at__lt=now - _AGAIN_AFTER,
        evse__connectors__status=ConnectorStatus.AVAILABLE,
        evse__connectors__status_at__gt=F("told_at") + _ON_ITS_WAY,
    )
    reservations = (
        Reservation.objects.filter(since | free, status=ReservationStatus.ACTIVE, expires_at__gt=now)
        .exclude(evse__charge_point__connection_key="")
        .exclude(charger_answer__in=CANNOT_HOLD)
    )
    return list(rows.with_chargers(reservations.distinct()))


def _take_back_orphans(now: datetime) -> int:
    """Connectors that are reserved for nobody here: the last reservation there is taken back once more."""
    reserved = Connector.objects.filter(status=ConnectorStatus.RESERVED, status_at__lt=now - _ON_ITS_WAY).exclude(
        evse__charge_point__connection_key=""
    )
    return sum(_take_back_orphan(connector, now) for connector in reserved.select_related("evse"))


def _take_back_orphan(connector: Connector, now: datetime) -> bool:
    here = Q(evse=connector.evse) | Q(any_evse=True, evse__charge_point=connector.evse.charge_point_id)
    reservations = Reservation.objects.filter(here)
    last = rows.with_chargers(reservations.order_by("-pk")).first()
    if last is None or reservations.filter(status__in=list(OPEN)).exists():
        return False
    told = Command.objects.filter(
        charge_point=connector.evse.charge_point_id,
        kind=intents.CancelReservation.kind,
        payload__reservation_number=last.pk,
        created_at__gte=connector.status_at,
    )
    if told.exists():
        return False
    take_back(last, now)
    return True
