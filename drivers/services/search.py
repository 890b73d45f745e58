"""Search & rank: from a driver's wish to free, fitting stations with their place in all four modes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from chargepoints.domain.tariff import TariffTerms
from chargepoints.models import Connector, Evse, SupplyPoint, Tariff
from drivers.models import Vehicle
from drivers.services import battery, nearby, plugs, ranking, stations, travel
from drivers.services.busy import Busy, busy_ones
from drivers.services.nearby import Place, Socket
from drivers.services.ranking import Board, Field, Figures, Mode, Offer, Ranked, Standing, StationFacts
from drivers.services.stations import Station
from drivers.services.travel import Position, Trip
from smac.optimisation.problem import Mode as PlanMode
from smac.services import costs
from smac.services.ranking import USUAL_STAY, Ask, Estimate, Estimates, quick_rank

# Of each mode the best are shown: who wants to see more looks for less.
SHOWN_OF_EACH_MODE = 10


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

    @property
    def standards(self) -> frozenset[str]:
        return plugs.fitting(self.vehicle.connector_standard)

    @property
    def reach_wh(self) -> float:
        """What the battery holds for the way."""
        return self.vehicle.battery_capacity_wh * self.soc_percent / 100


@dataclass(frozen=True, slots=True)
class Choice:
    """A place's best free socket for a need, the way there and what the battery then needs from the meter."""

    place: Place
    socket: Socket
    power_w: int
    trip: Trip
    arrival_soc_percent: float
    energy_wh: float


@dataclass(frozen=True, slots=True)
class Option:
    """One way to charge that is shown: a socket at a station, and the rest as in `Choice`."""

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


@dataclass(frozen=True, slots=True)
class Answer:
    """The best stations, how many fit in all, those in use where they were asked for, and how the ways were found."""

    found: list[Found]
    total: int
    busy: list[Busy]
    ways: travel.Ways


def search(*, need: Need, now: datetime, with_busy: bool = False) -> Answer:
    """Free stations with a fitting plug within the distance, each with its place in every mode."""
    places = nearby.places(here=need.position, within_m=need.max_distance_m)
    ways = travel.ways(need.position, [place.position for place in places])
    trips = [ways.trip(number, need.vehicle.consumption_wh_per_km) for number in range(len(places))]
    reached = [(place, trip) for place, trip in zip(places, trips, strict=True) if _reaches(need, trip)]
    choices = [choice for place, trip in reached if (choice := _best_choice(place, trip, need))]
    busy = busy_ones(reached=reached, vehicle=need.vehicle, now=now) if with_busy else []
    return Answer(_ranked(choices, now), len(choices), busy, ways)


def find(*, need: Need, now: datetime) -> list[Found]:
    """The best free stations alone."""
    return search(need=need, now=now).found


def ordered(found: Sequence[Found], mode: Mode) -> list[Found]:
    """The best of a mode first."""
    return sorted(found, key=lambda each: each.standings[mode].rank)


def _reaches(need: Need, trip: Trip) -> bool:
    """Neither too far for the driver nor for the battery."""
    return trip.distance_m <= need.max_distance_m and trip.energy_wh <= need.reach_wh


def _best_choice(place: Place, trip: Trip, need: Need) -> Choice | None:
    """The strongest free socket that fits."""
    vehicle = need.vehicle
    sockets = [socket for socket in place.fitting(need.standards) if socket.evse_id in place.free_ids]
    if not sockets:
        return None
    power_w, _evse, socket = max((_power_w(vehicle, each), -each.evse_id, each) for each in sockets)
    capacity_wh = vehicle.battery_capacity_wh
    arrival = battery.after_driving(soc_percent=need.soc_percent, energy_wh=trip.energy_wh, capacity_wh=capacity_wh)
    energy_wh = battery.energy_needed_wh(
        soc_percent=arrival, target_soc_percent=need.target_soc_percent, capacity_wh=capacity_wh
    )
    return Choice(place, socket, power_w, trip, arrival, energy_wh)


def _power_w(vehicle: Vehicle, socket: Socket) -> int:
    return plugs.charge_power_w(
        vehicle_standard=vehicle.connector_standard,
        socket_standard=socket.standard,
        vehicle_max_w=vehicle.max_charge_w,
        evse_max_w=socket.max_power_w,
    )


def _ranked(choices: Sequence[Choice], now: datetime) -> list[Found]:
    """The best of each mode, with their places among all."""
    estimates = quick_rank(asks=_asks(choices, now), now=now)
    boards = ranking.boards(_field(choices, estimates))
    shown = sorted({int(number) for board in boards.values() for number in board.order[:SHOWN_OF_EACH_MODE]})
    options = _options([choices[number] for number in shown])
    return [
        _found(option, estimates[option.evse.pk], boards, number)
        for option, number in zip(options, shown, strict=True)
        if option is not None
    ]


def _asks(choices: Sequence[Choice], now: datetime) -> list[Ask]:
    points = SupplyPoint.objects.in_bulk({choice.socket.supply_point_id for choice in choices})
    terms = _terms({choice.socket.tariff_id for choice in choices})
    return [
        Ask(
            key=choice.socket.evse_id,
            supply_point=points[choice.socket.supply_point_id],
            terms=terms[choice.socket.tariff_id],
            energy_wh=choice.energy_wh,
            power_w=choice.power_w,
            arrives_at=(arrives_at := now + timedelta(seconds=choice.trip.drive_s)),
            departs_at=arrives_at + USUAL_STAY,
        )
        for choice in choices
    ]


def _terms(tariff_ids: set[int | None]) -> Mapping[int | None, TariffTerms]:
    rows = Tariff.objects.in_bulk([pk for pk in tariff_ids if pk is not None])
    return {None: costs.AT_MARKET} | {pk: row.terms() for pk, row in rows.items()}


def _field(choices: Sequence[Choice], estimates: Estimates) -> Field:
    """All that are ranked; the time is the shortest that car and charger need, price and origin are the mode's own."""
    shortest_s = estimates.figures(PlanMode.FAST).charge_s

    def figures(mode: Mode) -> Figures:
        found = estimates.figures(PlanMode(mode.value))
        return Figures(price=found.price, charge_s=shortest_s, green_share=found.green_share)

    return Field(
        keys=np.array([choice.place.key for choice in choices], dtype=np.int64),
        distance_m=np.array([choice.trip.distance_m for choice in choices], dtype=float),
        drive_s=np.array([choice.trip.drive_s for choice in choices], dtype=float),
        wait_s=np.zeros(len(choices)),  # only free ones are ranked
        figures={mode: figures(mode) for mode in Mode},
    )


def _options(choices: Sequence[Choice]) -> list[Option | None]:
    """The choices with all that a page shows of them; None for one whose charger was removed meanwhile."""
    known = stations.of_points({socket.charge_point_id for choice in choices for socket in choice.place.sockets})
    by_evse = {evse.pk: (station, evse) for station in known for evse in station.evses}
    return [_option(choice, *by_evse.get(choice.socket.evse_id, (None, None))) for choice in choices]


def _option(choice: Choice, station: Station | None, evse: Evse | None) -> Option | None:
    if station is None or evse is None:
        return None
    connectors = {connector.standard: connector for connector in evse.connectors.all()}
    connector = connectors.get(choice.socket.standard)
    if connector is None:
        return None
    return Option(
        station=station,
        evse=evse,
        connector=connector,
        trip=choice.trip,
        arrival_soc_percent=choice.arrival_soc_percent,
        energy_wh=choice.energy_wh,
        power_w=choice.power_w,
    )


def _found(option: Option, estimates: dict[PlanMode, Estimate], boards: Mapping[Mode, Board], number: int) -> Found:
    facts = StationFacts(
        key=option.station.key,
        distance_m=option.trip.distance_m,
        drive_s=option.trip.drive_s,
        wait_s=0.0,
        offers={mode: _offer(mode, estimates) for mode in Mode},
    )
    ranked = Ranked(facts, {mode: board.standing(number) for mode, board in boards.items()})
    return Found(option, estimates[PlanMode.BASIC].currency, ranked)


def _offer(mode: Mode, estimates: dict[PlanMode, Estimate]) -> Offer:
    estimate = estimates[PlanMode(mode.value)]
    return Offer(price=estimate.price, charge_s=estimates[PlanMode.FAST].charge_s, green_share=estimate.green_share)
