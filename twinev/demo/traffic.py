"""Vehicles that come, charge and go: a seeded generator, the same day always the same.

The shape follows what has been published about charging in the Netherlands (ElaadNL and the city programmes): on
weekdays a sharp peak of arrivals before nine and a broad one between 16 and 20, flat weekends around noon; short
stays of two to three hours by day, whole nights for cars that come in the evening; about 8-20 kWh at an AC point.
These are drawn figures, not recorded sessions.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from twinev.demo.specs import TYPE2, ChargePointSpec, District, EvseSpec, LocationSpec, UserSpec

# Weight of each hour's arrivals, 0:00 to 23:00.
WEEKDAY_HOURS = (1, 0, 0, 0, 0, 1, 3, 9, 12, 8, 5, 5, 5, 6, 6, 7, 10, 14, 14, 11, 8, 6, 4, 2)
WEEKEND_HOURS = (1, 1, 0, 0, 0, 0, 1, 2, 4, 6, 8, 9, 9, 9, 9, 9, 9, 9, 9, 8, 6, 5, 3, 2)
HOME_HOURS = (1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 3, 3, 4, 6, 10, 16, 16, 12, 9, 6, 4, 2)

# Cars that come at or after this hour to an AC point mostly stay the night.
EVENING_HOUR = 17
NIGHT_SHARE = 0.6
# No stay is longer: so only yesterday's cars can still be there.
LONGEST_STAY = timedelta(hours=16)
LEAST_NEED_PERCENT = 8

MODES = ("basic", "cheap", "green", "fast")
MODE_WEIGHTS = (35, 40, 15, 10)

CHARGING_EFFICIENCY = 0.92


class Kind(StrEnum):
    """What sort of place an EVSE is: it decides when cars come and how long they stay."""

    AC = "ac"
    DC = "dc"
    V2G = "v2g"
    HOME = "home"


# The V2G point is mostly left to the shared car and to whoever tries the demo.
ARRIVALS_PER_DAY = {Kind.AC: 1.9, Kind.DC: 6.0, Kind.V2G: 0.4, Kind.HOME: 0.75}

# How much of a stay's possible energy people ask for. At AC points cars stand far longer than they charge (in the
# published figures about a third to a half of the time): that is the flexibility all this is for.
USABLE_SHARE = {Kind.AC: 0.3, Kind.DC: 0.85, Kind.V2G: 0.3, Kind.HOME: 0.3}


@dataclass(frozen=True)
class Arrival:
    """A car at an EVSE. Times UTC; `departs_at` is when the car is driven away."""

    identity: str
    evse_number: int
    username: str
    id_token: str
    plate: str
    arrives_at: datetime
    departs_at: datetime
    soc_percent: float
    target_soc_percent: float
    mode: str
    battery_capacity_wh: int
    min_charge_w: int
    max_charge_w: int

    @property
    def needed_wh(self) -> float:
        """Energy that the battery lacks for the target."""
        return self.battery_capacity_wh * (self.target_soc_percent - self.soc_percent) / 100


@dataclass(frozen=True)
class PastSession:
    """A finished session: charged at once from the arrival on, as it was before anybody planned."""

    arrival: Arrival
    charged_until: datetime
    energy_wh: float

    @property
    def reached_soc_percent(self) -> float:
        gained = 100 * self.energy_wh * CHARGING_EFFICIENCY / self.arrival.battery_capacity_wh
        return min(self.arrival.target_soc_percent, self.arrival.soc_percent + gained)


@dataclass(frozen=True)
class _Place:
    location: LocationSpec
    charge_point: ChargePointSpec
    evse: EvseSpec

    @property
    def kind(self) -> Kind:
        if not self.location.is_public:
            return Kind.HOME
        if self.evse.max_discharge_w:
            return Kind.V2G
        return Kind.AC if TYPE2 in self.evse.connectors else Kind.DC


def arrivals(day: date, *, district: District, seed: int = 1, busyness: float = 1.0) -> list[Arrival]:
    """Cars that come on a local day, by time. No EVSE and no car is taken twice, the day before included.

    `busyness` scales the mean number of arrivals. Points for which no driver of the country has a plug stay empty.
    """
    taken = _drawn(day - timedelta(days=1), district, seed, busyness)
    kept: list[Arrival] = []
    for arrival in _drawn(day, district, seed, busyness):
        if not any(_collide(arrival, other) for other in (*taken, *kept)):
            kept.append(arrival)
    return kept


def present(now: datetime, *, district: District, seed: int = 1, busyness: float = 1.0) -> list[Arrival]:
    """Cars that are plugged in at a moment."""
    around = (now.astimezone(UTC).date() + timedelta(days=offset) for offset in (-1, 0, 1))
    cars = (car for day in around for car in arrivals(day, district=district, seed=seed, busyness=busyness))
    return [car for car in cars if car.arrives_at <= now < car.departs_at]


def history(
    *, until: datetime, days: int = 14, district: District, seed: int = 1, busyness: float = 1.0
) -> list[PastSession]:
    """Sessions of the `days` local days before the day of `until` that were over by then, by time."""
    first = until.astimezone(UTC).date() - timedelta(days=days)
    past = (first + timedelta(days=offset) for offset in range(days))
    cars = (car for day in past for car in arrivals(day, district=district, seed=seed, busyness=busyness))
    return [_finished(car) for car in cars if car.departs_at <= until]


def _drawn(day: date, district: District, seed: int, busyness: float) -> list[Arrival]:
    """What the dice say for a day, before collisions are sorted out."""
    drivers = district.simulated_drivers()
    drawn: list[Arrival] = []
    for place in _places(district):
        # A generator for each place and day: another place or day changes nothing here.
        dice = random.Random(f"{seed} {day.isoformat()} {place.charge_point.identity} {place.evse.number}")
        fitting = [driver for driver in drivers if _may_use(driver, place)]
        if fitting:
            drawn.extend(_visits(day, place, fitting, busyness, dice))
    return sorted(drawn, key=lambda car: (car.arrives_at, car.identity, car.evse_number))


def _places(district: District) -> Iterator[_Place]:
    for location, _, charge_point in district.charge_points():
        for evse in charge_point.evses:
            yield _Place(location, charge_point, evse)


def _may_use(driver: UserSpec, place: _Place) -> bool:
    """Home points serve their owner; the demo's own people are left to whoever plays them."""
    if driver.country != place.location.country:
        return False
    if not place.location.is_public and driver.username != place.location.owner:
        return False
    return any(driver.vehicles[0].facts.fits(standard) for standard in place.evse.connectors)


def _visits(
    day: date, place: _Place, drivers: Sequence[UserSpec], busyness: float, dice: random.Random
) -> Iterator[Arrival]:
    for _ in range(_poisson(ARRIVALS_PER_DAY[place.kind] * busyness, dice)):
        local = _arrival_time(day, place, dice)
        arrives_at = local.astimezone(UTC)
        departs_at = arrives_at + _stay(local, place.kind, dice)
        yield _car(place, dice.choice(drivers), arrives_at, departs_at, dice)


def _arrival_time(day: date, place: _Place, dice: random.Random) -> datetime:
    weights = WEEKEND_HOURS if day.weekday() >= 5 else WEEKDAY_HOURS
    if place.kind is Kind.HOME:
        weights = HOME_HOURS
    hour = dice.choices(range(24), weights)[0]
    return datetime.combine(day, time(hour, dice.randrange(60), dice.randrange(60)), place.location.zone)


def _stay(local: datetime, kind: Kind, dice: random.Random) -> timedelta:
    """How long a car is plugged in: a log-normal by day, until the morning for most that come in the evening."""
    if kind is Kind.DC:
        return timedelta(minutes=min(75, max(12, dice.lognormvariate(3.4, 0.35))))
    if local.hour >= EVENING_HOUR and (kind is Kind.HOME or dice.random() < NIGHT_SHARE):
        leaves_hour = dice.gauss(7.6, 0.8)
        return min(LONGEST_STAY, timedelta(hours=max(6.0, 24 + leaves_hour - local.hour - local.minute / 60)))
    return min(LONGEST_STAY, timedelta(hours=max(0.5, dice.lognormvariate(0.95, 0.5))))


def _car(place: _Place, driver: UserSpec, arrives_at: datetime, departs_at: datetime, dice: random.Random) -> Arrival:
    vehicle = driver.vehicles[0]
    power_w = max(vehicle.facts.max_charge_w(standard) for standard in place.evse.connectors)
    soc_percent = round(min(75.0, max(8.0, dice.gauss(42, 16))))
    target = 80 if place.kind is Kind.DC else dice.choice((80, 80, 90, 100))
    return Arrival(
        identity=place.charge_point.identity,
        evse_number=place.evse.number,
        username=driver.username,
        id_token=driver.id_token,
        plate=vehicle.plate,
        arrives_at=arrives_at,
        departs_at=departs_at,
        soc_percent=soc_percent,
        target_soc_percent=_reachable(place, departs_at - arrives_at, power_w, soc_percent, target, driver),
        mode="fast" if place.kind is Kind.DC else dice.choices(MODES, MODE_WEIGHTS)[0],
        battery_capacity_wh=vehicle.facts.battery_capacity_wh,
        min_charge_w=min(vehicle.facts.min_charge_w, place.evse.max_power_w),
        max_charge_w=min(power_w, _point_power_w(place.evse, vehicle.facts.ac_phases)),
    )


def _point_power_w(evse: EvseSpec, car_phases: int) -> int:
    """A car on fewer phases than the point has gets only those: 22 kW on three are 7.4 kW on one."""
    if TYPE2 in evse.connectors and evse.phases == 3 and car_phases == 1:
        return round(evse.max_power_w / 3)
    return evse.max_power_w


def _reachable(
    place: _Place, stay: timedelta, power_w: int, soc_percent: float, wanted_percent: float, driver: UserSpec
) -> float:
    """The wish of somebody who knows the car: what the stay gives at a part of the power, and something at least."""
    facts = driver.vehicles[0].facts
    most_w = min(power_w, _point_power_w(place.evse, facts.ac_phases))
    usable_w = USABLE_SHARE[place.kind] * CHARGING_EFFICIENCY * most_w
    gain = 100 * usable_w * stay.total_seconds() / 3600 / facts.battery_capacity_wh
    return min(wanted_percent, max(soc_percent + min(gain, 100.0), soc_percent + LEAST_NEED_PERCENT)) // 1


def _poisson(mean: float, dice: random.Random) -> int:
    """Knuth's product of uniforms: good for small means."""
    count, product, limit = 0, dice.random(), 2.718281828459045**-mean
    while product > limit:
        count += 1
        product *= dice.random()
    return count


def _collide(one: Arrival, other: Arrival) -> bool:
    same_place = (one.identity, one.evse_number) == (other.identity, other.evse_number)
    if not same_place and one.plate != other.plate:
        return False
    return one.arrives_at < other.departs_at and other.arrives_at < one.departs_at


def _finished(car: Arrival) -> PastSession:
    stay_h = (car.departs_at - car.arrives_at).total_seconds() / 3600
    energy_wh = min(car.needed_wh / CHARGING_EFFICIENCY, car.max_charge_w * stay_h)
    return PastSession(car, car.arrives_at + timedelta(hours=energy_wh / car.max_charge_w), round(energy_wh, 1))


def total_energy_wh(sessions: Iterable[PastSession]) -> float:
    """Energy of sessions together."""
    return sum(session.energy_wh for session in sessions)
