"""Who stands at the chargers: drawn cars that come, charge and go, and the car of whoever tries the app."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.utils import timezone

from chargepoints.models import Evse, IdToken
from chargepoints.virtual.charge_point import VirtualChargePoint
from chargepoints.virtual.evse import Evse as VirtualEvse
from chargepoints.virtual.vehicle import Vehicle as VirtualVehicle
from drivers.models import ChargeSession
from smac.services import needs
from twinev.demo.specs import District
from twinev.demo.traffic import Arrival, arrivals, present

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")
LOOK_EVERY_S = 2.0
# A person needs a moment to take the cable; then the app's "waiting for the plug" can be seen.
PLUG_IN_AFTER = timedelta(seconds=4)
# Whoever tries the app and forgets the car: it is driven away after this long.
FETCHED_AFTER = timedelta(hours=2)
BUSYNESS = 1.6
# Who would leave again at once does not come: a session of a minute has nothing to tell.
SHORTEST_STAY = timedelta(minutes=15)


@dataclass
class Visit:
    """A drawn car at an EVSE."""

    arrival: Arrival
    plugged: bool = False


class PeopleAtPlay:
    """Moves cars in and out of the virtual chargers. Runs in the chargers' event loop."""

    def __init__(self, district: District, chargers: Mapping[str, VirtualChargePoint]) -> None:
        self._district = district
        self._chargers = chargers
        self._visits: dict[tuple[str, int], Visit] = {}
        self._seen: set[tuple[str, int, datetime]] = set()
        self._waiting: dict[tuple[str, int], datetime] = {}

    async def play(self, stop: asyncio.Event) -> None:
        """Until ``stop``: let due cars come and go, and plug in for whoever started from the app."""
        await self._settle_in(timezone.now())
        while not stop.is_set():
            now = timezone.now()
            await self._drive_away(now)
            for arrival in self._due(now):
                await self._arrive(arrival, now)
            await self._serve_visitors(now)
            try:
                await asyncio.wait_for(stop.wait(), LOOK_EVERY_S)
            except TimeoutError:
                continue

    async def _settle_in(self, now: datetime) -> None:
        """Cars that are there already: those kept from the last start, and those drawn to be here now."""
        for arrival in present(now, district=self._district, busyness=BUSYNESS):
            key = (arrival.identity, arrival.evse_number)
            if self._evse(key).vehicle is not None:
                self._visits[key] = Visit(arrival, plugged=True)
                self._seen.add((*key, arrival.arrives_at))

    def _due(self, now: datetime) -> list[Arrival]:
        drawn = present(now, district=self._district, busyness=BUSYNESS)
        drawn += [
            car
            for car in arrivals(now.date(), district=self._district, busyness=BUSYNESS)
            if car.arrives_at <= now < car.departs_at
        ]
        fresh = {(car.identity, car.evse_number, car.arrives_at): car for car in drawn}
        stays = now + SHORTEST_STAY
        return [car for key, car in fresh.items() if key not in self._seen and car.departs_at > stays]

    def _evse(self, key: tuple[str, int]) -> VirtualEvse:
        return self._chargers[key[0]].evse(key[1])

    async def _arrive(self, arrival: Arrival, now: datetime) -> None:
        key = (arrival.identity, arrival.evse_number)
        charger = self._chargers[arrival.identity]
        evse = self._evse(key)
        if not charger.online:
            return  # comes again with the next look
        self._seen.add((*key, arrival.arrives_at))
        if evse.status != "Available":
            return  # taken or reserved: drives on
        await _in_thread(_state_need, arrival, now)
        await charger.plug_in(arrival.evse_number, _car_of(arrival, now))
        await charger.present_token(arrival.evse_number, arrival.id_token)
        self._visits[key] = Visit(arrival, plugged=True)

    async def _drive_away(self, now: datetime) -> None:
        for key, visit in list(self._visits.items()):
            if visit.arrival.departs_at > now:
                continue
            charger = self._chargers[key[0]]
            if self._evse(key).session:
                await charger.present_token(key[1], visit.arrival.id_token)
            await charger.unplug(key[1])
            del self._visits[key]

    async def _serve_visitors(self, now: datetime) -> None:
        """The car of a person who pressed "Charge" in the app is plugged in; fetched when it is picked up."""
        for identity, charger in self._chargers.items():
            for number, evse in charger.station.evses.items():
                key = (identity, number)
                if key in self._visits:
                    continue
                if evse.vehicle is None and evse.authorization is not None:
                    await self._plug_in_for(key, evse.authorization.token.value, now)
                elif evse.vehicle is not None and evse.session is None and await _in_thread(_is_fetched, *key, now):
                    await charger.unplug(number)

    async def _plug_in_for(self, key: tuple[str, int], token: str, now: datetime) -> None:
        since = self._waiting.setdefault(key, now)
        if now - since < PLUG_IN_AFTER:
            return
        del self._waiting[key]
        car = await _in_thread(_visitors_car, *key, token)
        if car is not None:
            await self._chargers[key[0]].plug_in(key[1], car)


async def _in_thread(function: Callable[..., Answer], *args: Any) -> Answer:
    """Database work off the chargers' loop, on a connection that is given back."""

    def work() -> Answer:
        close_old_connections()
        try:
            return function(*args)
        finally:
            close_old_connections()

    return await sync_to_async(work, thread_sensitive=False)()


def _state_need(arrival: Arrival, now: datetime) -> None:
    """The drawn person's wish, as the app would state it."""
    evse = _evse_row(arrival.identity, arrival.evse_number)
    token = IdToken.objects.select_related("driver").get(token=arrival.id_token)
    needs.state_need(
        evse=evse,
        driver=token.driver,
        mode=arrival.mode,
        battery_capacity_wh=arrival.battery_capacity_wh,
        soc_percent=_soc_now(arrival, now),
        target_soc_percent=arrival.target_soc_percent,
        departure_at=arrival.departs_at,
        max_charge_w=arrival.max_charge_w,
        min_charge_w=arrival.min_charge_w,
        now=now,
    )


def _evse_row(identity: str, number: int) -> Evse:
    return Evse.objects.select_related("charge_point").get(charge_point__identity=identity, number=number)


def _soc_now(arrival: Arrival, now: datetime) -> float:
    """A car that came a while ago has charged since: its battery is where a steady charge would have brought it."""
    stay_s = (arrival.departs_at - arrival.arrives_at).total_seconds()
    share = min(max((now - arrival.arrives_at).total_seconds() / stay_s, 0.0), 0.6)
    return arrival.soc_percent + (arrival.target_soc_percent - arrival.soc_percent) * share


def _car_of(arrival: Arrival, now: datetime) -> VirtualVehicle:
    return VirtualVehicle(
        capacity_wh=arrival.battery_capacity_wh,
        energy_wh=arrival.battery_capacity_wh * _soc_now(arrival, now) / 100,
        max_charge_w=arrival.max_charge_w,
        min_power_w=arrival.min_charge_w,
    )


def _visitors_car(identity: str, number: int, token: str) -> VirtualVehicle | None:
    """The car of the newest session that was begun in the app on this EVSE, as its driver described it."""
    session = (
        ChargeSession.objects.filter(evse__charge_point__identity=identity, evse__number=number)
        .filter(state=ChargeSession.State.STARTING)
        .select_related("need", "vehicle")
        .order_by("-pk")
        .first()
    )
    if session is None:
        return None
    need = session.need
    return VirtualVehicle(
        capacity_wh=need.battery_capacity_wh,
        energy_wh=need.battery_capacity_wh * need.soc_percent / 100,
        max_charge_w=need.max_charge_w,
        max_discharge_w=session.vehicle.max_discharge_w if session.vehicle else 0,
        min_power_w=need.min_charge_w,
    )


def _is_fetched(identity: str, number: int, now: datetime) -> bool:
    """Whether the visitor has taken the car, or forgotten it for long."""
    session = (
        ChargeSession.objects.filter(evse__charge_point__identity=identity, evse__number=number).order_by("-pk").first()
    )
    if session is None or session.state in (ChargeSession.State.PICKED_UP, ChargeSession.State.FAILED):
        return True
    return bool(session.ended_at and session.ended_at + FETCHED_AFTER < now)
