"""What of the life of sessions and reservations its driver is told, who may not be looking."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from chargepoints.models import Evse, Location, Reservation
from drivers.models import ChargeSession, Notice
from drivers.services import notices

Kind = Notice.Kind
State = ChargeSession.State
# A worker that was down for so long tells late; beyond it the news is none.
_TOLD_LATE = timedelta(hours=1)
_OVER = (State.FINISHED, State.PICKED_UP)
_LAPSED = (Reservation.Status.NOT_USED, Reservation.Status.CANCELLED)


def session_ended(*, session: ChargeSession, now: datetime) -> None:
    """The car is charged, or the charger has ended it."""
    about = _about(session.evse) | _energy(session)
    if session.pick_up_by:
        about["until"] = session.pick_up_by.isoformat()
    _tell(session, Kind.SESSION_END, about, now)


def reservation_changed(*, reservation_id: int, now: datetime) -> None:
    """Tells the driver of a reservation that ended without the driver's doing."""
    _tell_lapsed(Reservation.objects.filter(pk=reservation_id, status__in=_LAPSED), now)


def sweep(*, now: datetime) -> None:
    """Tells of penalties that begin, and of what was lost when a process ended before it could tell. Safe to run at any
    time, any number of times."""
    since = now - _TOLD_LATE
    sessions = ChargeSession.objects.select_related(
        "driver", "transaction", "evse__charge_point__tariff", "evse__charge_point__supply_point__location"
    )
    for session in sessions.filter(state=State.FINISHED, pick_up_by__lte=now, pick_up_by__gt=since):
        _penalty(session, now)
    told = _told(Kind.SESSION_END, since)
    for session in sessions.filter(state__in=_OVER, ended_at__gt=since).exclude(pk__in=told):
        session_ended(session=session, now=now)
    told = _told(Kind.RESERVATION_LAPSED, since)
    _tell_lapsed(Reservation.objects.filter(status__in=_LAPSED, closed_at__gt=since).exclude(pk__in=told), now)


def _told(kind: Notice.Kind, since: datetime) -> list[int]:
    """The sessions or reservations that a kind of notice was about."""
    keys = Notice.objects.filter(kind=kind, created_at__gt=since).values_list("key", flat=True)
    return [int(key.rpartition(":")[2]) for key in keys if key.rpartition(":")[2].isdigit()]


def _penalty(session: ChargeSession, now: datetime) -> None:
    tariff = session.evse.charge_point.tariff
    fee: dict[str, str | int] = {"fee": 1} if tariff and tariff.penalty_per_minute else {}
    _tell(session, Kind.PENALTY, _about(session.evse) | fee, now)


def _tell_lapsed(reservations: Any, now: datetime) -> None:
    own_doing = _own_doing()
    rows = reservations.select_related("driver", "evse__charge_point__supply_point__location")
    for reservation in rows.prefetch_related("changes"):
        why = reservation.why
        if reservation.status == Reservation.Status.CANCELLED and (not why or why in own_doing):
            continue
        about = _about(reservation.evse) | ({"reason": why} if why else {})
        notices.tell(
            user=reservation.driver,
            kind=Kind.RESERVATION_LAPSED,
            about=about,
            path=reverse("drivers:charge"),  # it shows what else is free near there
            now=now,
            key=f"reservation:{reservation.pk}",
        )


def _own_doing() -> set[str]:
    """What stands at a reservation that its driver gave back, in whichever language the page was."""
    words = set()
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            words.add(_("Cancelled by the driver"))
    return words


def _tell(session: ChargeSession, kind: Notice.Kind, about: dict[str, str | int], now: datetime) -> None:
    path = reverse("drivers:session", args=[session.pk])
    notices.tell(user=session.driver, kind=kind, about=about, path=path, now=now, key=f"session:{session.pk}")


def _about(evse: Evse) -> dict[str, str | int]:
    location: Location = evse.charge_point.supply_point.location
    return {"station": location.name, "zone": location.time_zone}


def _energy(session: ChargeSession) -> dict[str, str | int]:
    row = session.transaction
    return {"energy_wh": round(row.energy_wh)} if row is not None and row.energy_wh else {}
