"""Reserving a public charger, and what else there is when it is taken."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import override

from chargepoints.domain.errors import AlreadyReserved
from chargepoints.models import Evse, Reservation
from chargepoints.services import authorization, reservation_agreement, reservations
from drivers.models import Vehicle
from drivers.services import limits, nearby, plugs, queue, stations, travel
from drivers.services.stations import Station
from drivers.services.travel import Position

_ALTERNATIVES = 3
# As long as the driver may still be on the way to it.
_LAPSED_SHOWN = timedelta(minutes=30)
_NEARBY_M = 30_000


def reserve(
    *,
    driver: Any,
    evse: Evse,
    vehicle: Vehicle,
    position: Position | None,
    now: datetime,
    any_evse: bool = False,
) -> Reservation:
    """Reserves an EVSE for as long as the way takes; ``any_evse``: whichever of its charger has a plug that fits.

    What others wait for is given to them first. Who reserves has no more need of a place in another queue.

    :raises Refused: in words for the driver.
    """
    _after_the_queue(evse, driver, now)
    made = _reserve(driver, evse, vehicle, position, now, any_evse)
    queue.found_elsewhere(driver=driver, now=now)
    return made


def _after_the_queue(evse: Evse, driver: Any, now: datetime) -> None:
    if queue.is_claimed(evse=evse, driver=driver):
        queue.serve_at(evse.charge_point_id, now=now)
        if queue.is_claimed(evse=evse, driver=driver):
            raise AlreadyReserved(_("Others wait for this charger. You can join the queue."), code="queue")


def _reserve(
    driver: Any, evse: Evse, vehicle: Vehicle, position: Position | None, now: datetime, any_evse: bool
) -> Reservation:
    who = {"driver": driver, "id_token": authorization.app_token(driver=driver), "vehicle_name": str(vehicle)[:80]}
    until = limits.reservation_until(now=now, drive_s=_drive_s(evse, position))
    if not any_evse:
        return reservations.reserve(evse=evse, until=until, now=now, **who)
    return reservations.reserve_any(
        charge_point=evse.charge_point, until=until, now=now, connector_standard=_plug(evse, vehicle), **who
    )


def _plug(evse: Evse, vehicle: Vehicle) -> str:
    """The plug that any EVSE must have; empty where all have it.

    Chargers tell a cable from a socket (2.0.1 cType2, sType2), and refuse the one where they have the other.
    """
    plug = plugs.best(vehicle.connector_standard, [connector.standard for connector in evse.connectors.all()])
    others = evse.charge_point.evses.exclude(connectors__standard=plug)
    return plug if others.exists() else ""


def takes_any(choices: Iterable[tuple[Station, Evse]]) -> set[int]:
    """The EVSEs in whose place their charger would keep another one alike free; in one query."""
    several = {evse.pk: evse.charge_point_id for station, evse in choices if len(station.alike(evse)) > 1}
    holding = reservation_agreement.holding_any(several.values())
    return {pk for pk, charge_point_id in several.items() if charge_point_id in holding}


def cancel(*, reservation: Reservation, now: datetime) -> bool:
    """Gives a reservation back, and the turn that it may be; False when it was not open any more."""
    queue.driver_gave_back(reservation=reservation, now=now)
    return reservations.cancel(reservation=reservation, now=now, reason=_("Cancelled by the driver"))


def active(driver: Any) -> Reservation | None:
    """The reservation that the driver holds and has not used yet."""
    return (
        driver.reservations.filter(status=Reservation.Status.ACTIVE)
        .select_related("evse__charge_point__supply_point__location", "evse__charge_point__tariff")
        .prefetch_related("evse__connectors")
        .first()
    )


def lapsed(driver: Any, now: datetime) -> Reservation | None:
    """The driver's last reservation, if it ended lately and not by the driver: at its limit, or by the charger."""
    last = history(driver).first()
    ended = last is not None and last.closed_at is not None and now - last.closed_at < _LAPSED_SHOWN
    if last is None or not ended or last.status not in (Reservation.Status.NOT_USED, Reservation.Status.CANCELLED):
        return None
    own_doing = last.status == Reservation.Status.CANCELLED and (not last.why or last.why in _own_words())
    return None if own_doing else last


def _own_words() -> set[str]:
    """What stands at a reservation that its driver gave back, in whichever language the page was."""
    found = set()
    for code, _name in settings.LANGUAGES:
        with override(code):
            found.add(_("Cancelled by the driver"))
    return found


def history(driver: Any) -> Any:
    """All reservations of the driver, the newest first."""
    return (
        driver.reservations.select_related("evse__charge_point__supply_point__location")
        .prefetch_related("changes", "charge_sessions")
        .order_by("-reserved_at", "-pk")
    )


def alternatives(*, evse: Evse, vehicle: Vehicle) -> list[tuple[Station, Evse]]:
    """Up to three stations with a free, fitting charger near one that was taken; its own station first."""
    here = Position(evse.charge_point.latitude, evse.charge_point.longitude)
    fitting = plugs.fitting(vehicle.connector_standard)
    found = [
        (travel.straight_line_m(here, place.position), place.key)
        for place in nearby.places(here=here, within_m=_NEARBY_M)
        if any(socket.evse_id in place.free_ids for socket in place.fitting(fitting))
    ]
    near = {key for _distance, key in sorted(found)[: _ALTERNATIVES + 1]}
    offers = [
        (travel.straight_line_m(here, station.position), station, free)
        for station in stations.of_points(near, whole=True)
        if station.key in near and (free := _free_at(station, vehicle, but=evse))
    ]
    nearest = sorted(offers, key=lambda offer: (offer[0], offer[2].pk))
    return [(station, free) for _distance, station, free in nearest[:_ALTERNATIVES]]


def _free_at(station: Station, vehicle: Vehicle, *, but: Evse) -> Evse | None:
    fitting = plugs.fitting(vehicle.connector_standard)
    for evse in station.free_evses:
        if evse.pk != but.pk and any(connector.standard in fitting for connector in evse.connectors.all()):
            return evse
    return None


def _drive_s(evse: Evse, position: Position | None) -> float | None:
    if position is None:
        return None
    there = Position(evse.charge_point.latitude, evse.charge_point.longitude)
    return travel.trip(position, there, consumption_wh_per_km=0.0).drive_s
