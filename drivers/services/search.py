"""Search & rank: from a driver's wish to free, fitting stations with their place in all four modes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chargepoints.models import Connector, Evse
from drivers.models import Vehicle
from drivers.services import battery, plugs, ranking, stations, travel
from drivers.services.ranking import Mode, Offer, Ranked, Standing, StationFacts
from drivers.services.stations import Station
from drivers.services.travel import Position, Trip
from smac.optimisation.problem import Mode as PlanMode
from smac.services.ranking import Ask, Estimate, quick_rank


@dataclass(frozen=True, slots=True)
class Need:
    """What the driver looks for. State of charge in percent."""

    vehicle: Vehicle
    position: Position
    max_distance_m: float
    soc_percent: float
    target_soc_percent: float

    @property
    def max_distance_km(self) -> int:
        return round(self.max_distance_m / 1000)


@dataclass(frozen=True, slots=True)
class Option:
    """One way to charge: a socket at a station, the way there and what the battery then needs from the meter."""

    station: Station
    evse: Evse
    connector: Connector
    trip: Trip
    arrival_soc_percent: float
    energy_wh: float
    power_w: int


@dataclass(frozen=True, slots=True)
class View:
    """A station in one mode: its place, what it offers and how long all of it takes."""

    standing: Standing
    offer: Offer
    total_s: float


@dataclass(frozen=True, slots=True)
class Found:
    """An option with its prices and its place in every mode."""

    option: Option
    currency: str
    ranked: Ranked

    @property
    def station(self) -> Station:
        return self.option.station

    @property
    def facts(self) -> StationFacts:
        return self.ranked.facts

    @property
    def standings(self) -> dict[Mode, Standing]:
        return self.ranked.standings

    @property
    def views(self) -> dict[Mode, View]:
        """By mode, what a page shows."""
        return {
            mode: View(standing, self.facts.offers[mode], self.facts.total_s(mode))
            for mode, standing in self.standings.items()
        }


def find(*, need: Need, now: datetime) -> list[Found]:
    """Free stations with a fitting plug within the distance, each with its place in every mode."""
    options = [best for station in stations.public_stations() if (best := _best_option(station, need))]
    estimates = quick_rank(asks=[_ask(option, now) for option in options], now=now)
    ranked = ranking.rank([_facts(option, estimates[option.evse.pk]) for option in options])
    return [
        Found(option, estimates[option.evse.pk][PlanMode.BASIC].currency, place)
        for option, place in zip(options, ranked, strict=True)
    ]


def _ask(option: Option, now: datetime) -> Ask:
    return Ask(
        key=option.evse.pk,
        evse=option.evse,
        energy_wh=option.energy_wh,
        power_w=option.power_w,
        arrives_at=now + timedelta(seconds=option.trip.drive_s),
    )


def ordered(found: Sequence[Found], mode: Mode) -> list[Found]:
    """The best of a mode first."""
    return sorted(found, key=lambda each: each.standings[mode].rank)


def _best_option(station: Station, need: Need) -> Option | None:
    """The strongest free socket that fits; None when there is none, or it is too far for the driver or the battery."""
    trip = travel.trip(need.position, station.position, consumption_wh_per_km=float(need.vehicle.consumption_wh_per_km))
    capacity_wh = need.vehicle.battery_capacity_wh
    if trip.distance_m > need.max_distance_m or trip.energy_wh > capacity_wh * need.soc_percent / 100:
        return None
    arrival = battery.after_driving(soc_percent=need.soc_percent, energy_wh=trip.energy_wh, capacity_wh=capacity_wh)
    energy_wh = battery.energy_needed_wh(
        soc_percent=arrival, target_soc_percent=need.target_soc_percent, capacity_wh=capacity_wh
    )
    sockets = _fitting_sockets(station, need.vehicle)
    return max(
        (Option(station, evse, connector, trip, arrival, energy_wh, power) for power, evse, connector in sockets),
        key=lambda option: (option.power_w, -option.evse.pk),
        default=None,
    )


def _fitting_sockets(station: Station, vehicle: Vehicle) -> list[tuple[int, Evse, Connector]]:
    fitting = plugs.fitting(vehicle.connector_standard)
    return [
        (_power_w(vehicle, evse, connector), evse, connector)
        for evse in station.free_evses
        for connector in evse.connectors.all()
        if connector.standard in fitting
    ]


def _power_w(vehicle: Vehicle, evse: Evse, connector: Connector) -> int:
    return plugs.charge_power_w(
        vehicle_standard=vehicle.connector_standard,
        socket_standard=connector.standard,
        vehicle_max_w=vehicle.max_charge_w,
        evse_max_w=evse.max_power_w,
    )


def _facts(option: Option, estimates: dict[PlanMode, Estimate]) -> StationFacts:
    return StationFacts(
        key=option.station.key,
        distance_m=option.trip.distance_m,
        drive_s=option.trip.drive_s,
        wait_s=0.0,  # only free ones are shown
        offers={mode: _offer(mode, estimates) for mode in Mode},
    )


def _offer(mode: Mode, estimates: dict[PlanMode, Estimate]) -> Offer:
    """Price and origin of the mode's own hours; the time is the shortest that car and charger need."""
    estimate = estimates[PlanMode(mode.value)]
    shortest_s = estimates[PlanMode.FAST].charge_s
    return Offer(price=estimate.price, charge_s=shortest_s, green_share=estimate.green_share)
