"""Which station is best, in each of the four modes, and why. Pure: facts in, scores out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

COLOURS = 5  # red, orange, amber, lime, light green: 0 is the worst


class Mode(StrEnum):
    BASIC = "basic"
    GREEN = "green"
    FAST = "fast"
    CHEAP = "cheap"


class Measure(StrEnum):
    """What a station is measured by."""

    PRICE = "price"
    TIME = "time"
    GREEN = "green"
    DISTANCE = "distance"


# What counts how much. Each mode keeps a little for the way, so that of two equal stations the nearer one wins;
# basic weighs money, time and origin nearly alike: nobody chose one of them.
_WEIGHTS: dict[Mode, dict[Measure, float]] = {
    Mode.BASIC: {Measure.PRICE: 0.35, Measure.TIME: 0.35, Measure.GREEN: 0.2, Measure.DISTANCE: 0.1},
    Mode.GREEN: {Measure.GREEN: 0.9, Measure.DISTANCE: 0.1},
    Mode.FAST: {Measure.TIME: 0.95, Measure.DISTANCE: 0.05},
    Mode.CHEAP: {Measure.PRICE: 0.9, Measure.DISTANCE: 0.1},
}


class ReasonCode(StrEnum):
    ONLY_ONE = "only_one"
    CHEAPEST = "cheapest"
    DEARER = "dearer"
    FASTEST = "fastest"
    SLOWER = "slower"
    GREENEST = "greenest"
    LESS_GREEN = "less_green"
    BALANCED = "balanced"
    FARTHER = "farther"


_BEST = {Mode.BASIC: ReasonCode.BALANCED, Mode.FAST: ReasonCode.FASTEST}
_WORSE = {
    Measure.PRICE: ReasonCode.DEARER,
    Measure.TIME: ReasonCode.SLOWER,
    Measure.GREEN: ReasonCode.LESS_GREEN,
    Measure.DISTANCE: ReasonCode.FARTHER,
}
# Differences that nobody feels are no reason: half a cent, half a minute, half a point, 50 metres.
_FELT = {Measure.PRICE: 0.005, Measure.TIME: 30.0, Measure.GREEN: 0.005, Measure.DISTANCE: 50.0}


@dataclass(frozen=True, slots=True)
class Offer:
    """What a station offers for the whole need in one mode. ``green_share`` from 0 to 1."""

    price: Decimal
    charge_s: float
    green_share: float


@dataclass(frozen=True, slots=True)
class StationFacts:
    """What is known of a station for one car and one need; ``offers`` has every mode."""

    key: int
    distance_m: float
    drive_s: float
    wait_s: float
    offers: Mapping[Mode, Offer]

    def total_s(self, mode: Mode) -> float:
        """From now until the battery is as full as wanted."""
        return self.drive_s + self.wait_s + self.offers[mode].charge_s


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a station stands where it stands. ``amount`` is by how much: money, seconds, share or metres."""

    code: ReasonCode
    amount: float = 0.0


@dataclass(frozen=True, slots=True)
class Standing:
    """A station's place in one mode: ``rank`` from 1, ``score`` from 0 to 1 (best), ``colour`` from 0 (red) to 4."""

    rank: int
    score: float
    colour: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Ranked:
    """A station's place in every mode."""

    facts: StationFacts
    standings: dict[Mode, Standing]


def rank(stations: Sequence[StationFacts]) -> tuple[Ranked, ...]:
    """Every station with its place in all four modes, in the order given."""
    by_mode = {mode: _standings(stations, mode) for mode in Mode}
    return tuple(Ranked(facts, {mode: by_mode[mode][facts.key] for mode in Mode}) for facts in stations)


def _standings(stations: Sequence[StationFacts], mode: Mode) -> dict[int, Standing]:
    scores = _scores(stations, mode)
    order = sorted(stations, key=lambda facts: (-round(scores[facts.key], 9), facts.distance_m, facts.key))
    spread = _Spread(scores.values())
    return {
        facts.key: Standing(
            rank=place,
            score=scores[facts.key],
            colour=round(spread.share(scores[facts.key]) * (COLOURS - 1)),
            reason=_reason(facts, stations, mode, is_first=place == 1),
        )
        for place, facts in enumerate(order, start=1)
    }


def _scores(stations: Sequence[StationFacts], mode: Mode) -> dict[int, float]:
    weights = _WEIGHTS[mode]
    spreads = {measure: _Spread(_cost(facts, measure, mode) for facts in stations) for measure in weights}
    return {
        facts.key: sum(
            weight * (1 - spreads[measure].share(_cost(facts, measure, mode), when_equal=0.0))
            for measure, weight in weights.items()
        )
        for facts in stations
    }


def _cost(facts: StationFacts, measure: Measure, mode: Mode) -> float:
    """The measure as something to be kept small."""
    if measure is Measure.PRICE:
        return float(facts.offers[mode].price)
    if measure is Measure.TIME:
        return facts.total_s(mode)
    if measure is Measure.GREEN:
        return 1 - facts.offers[mode].green_share
    return facts.distance_m


class _Spread:
    """Where a value lies between the least and the greatest."""

    def __init__(self, values: Iterable[float]) -> None:
        numbers = list(values)
        self._least, self._greatest = min(numbers, default=0.0), max(numbers, default=0.0)

    def share(self, value: float, *, when_equal: float = 1.0) -> float:
        span = self._greatest - self._least
        return when_equal if span <= 1e-9 else (value - self._least) / span


def _reason(facts: StationFacts, stations: Sequence[StationFacts], mode: Mode, *, is_first: bool) -> Reason:
    if len(stations) == 1:
        return Reason(ReasonCode.ONLY_ONE)
    if is_first:
        return _first_reason(facts, stations, mode)
    worst = max(_WEIGHTS[mode], key=lambda measure: _drawback(facts, stations, measure, mode))
    if not _drawback(facts, stations, worst, mode):
        worst = Measure.DISTANCE
    return Reason(_WORSE[worst], _lag(facts, stations, worst, mode))


def _drawback(facts: StationFacts, stations: Sequence[StationFacts], measure: Measure, mode: Mode) -> float:
    """How much a measure costs the station in the ranking; nothing when nobody would feel the difference."""
    if _lag(facts, stations, measure, mode) < _FELT[measure]:
        return 0.0
    spread = _Spread(_cost(each, measure, mode) for each in stations)
    return _WEIGHTS[mode][measure] * spread.share(_cost(facts, measure, mode), when_equal=0.0)


def _first_reason(facts: StationFacts, stations: Sequence[StationFacts], mode: Mode) -> Reason:
    if mode is Mode.CHEAP:
        dearest = max(each.offers[mode].price for each in stations)
        return Reason(ReasonCode.CHEAPEST, float(dearest - facts.offers[mode].price))
    if mode is Mode.GREEN:
        return Reason(ReasonCode.GREENEST, facts.offers[mode].green_share)
    return Reason(_BEST[mode], facts.total_s(mode))


def _lag(facts: StationFacts, stations: Sequence[StationFacts], measure: Measure, mode: Mode) -> float:
    """By how much a station is behind the best one in a measure."""
    return _cost(facts, measure, mode) - min(_cost(each, measure, mode) for each in stations)
