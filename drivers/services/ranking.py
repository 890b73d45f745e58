"""Which station is best, in each of the four modes, and why. Pure: facts in, scores out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Column: TypeAlias = NDArray[np.float64]

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


@dataclass(frozen=True, slots=True)
class Figures:
    """A mode's figures of many stations, one value a station: money, seconds, share from 0 to 1."""

    price: Column
    charge_s: Column
    green_share: Column


@dataclass(frozen=True, slots=True)
class Field:
    """Many stations for one car and one need, one value a station; ``figures`` has every mode."""

    keys: NDArray[np.int64]
    distance_m: Column
    drive_s: Column
    wait_s: Column
    figures: Mapping[Mode, Figures]

    def cost(self, measure: Measure, mode: Mode) -> Column:
        """A measure as something to be kept small."""
        figures = self.figures[mode]
        if measure is Measure.PRICE:
            return figures.price
        if measure is Measure.TIME:
            return self.drive_s + self.wait_s + figures.charge_s
        if measure is Measure.GREEN:
            return 1 - figures.green_share
        return self.distance_m


class Board:
    """The places of all stations of a field in one mode."""

    def __init__(self, field: Field, mode: Mode) -> None:
        self._field, self._mode = field, mode
        self._costs = {measure: field.cost(measure, mode) for measure in _WEIGHTS[mode]}
        self.score = sum(
            (weight * (1 - _share(self._costs[measure], when_equal=0.0)) for measure, weight in _WEIGHTS[mode].items()),
            start=np.zeros(len(field.keys)),
        )
        # The best first; of equal ones the nearer, then the one that was there first.
        self.order = np.lexsort((field.keys, field.distance_m, -np.round(self.score, 9)))
        self.rank = np.empty(len(field.keys), dtype=int)
        self.rank[self.order] = np.arange(1, len(field.keys) + 1)
        self.colour = np.rint(_share(self.score, when_equal=1.0) * (COLOURS - 1)).astype(int)
        self._least = {measure: cost.min(initial=np.inf) for measure, cost in self._costs.items()}
        self._shares = {measure: _share(cost, when_equal=0.0) for measure, cost in self._costs.items()}

    def standing(self, station: int) -> Standing:
        """The place of a station, by its number in the field."""
        return Standing(
            rank=int(self.rank[station]),
            score=float(self.score[station]),
            colour=int(self.colour[station]),
            reason=self._reason(station),
        )

    def _reason(self, station: int) -> Reason:
        if len(self._field.keys) == 1:
            return Reason(ReasonCode.ONLY_ONE)
        if self.rank[station] == 1:
            return self._first_reason(station)
        worst = max(_WEIGHTS[self._mode], key=lambda measure: self._drawback(station, measure))
        if not self._drawback(station, worst):
            worst = Measure.DISTANCE
        return Reason(_WORSE[worst], self._lag(station, worst))

    def _drawback(self, station: int, measure: Measure) -> float:
        """How much a measure costs the station in the ranking; nothing when nobody would feel the difference."""
        if self._lag(station, measure) < _FELT[measure]:
            return 0.0
        return _WEIGHTS[self._mode][measure] * float(self._shares[measure][station])

    def _lag(self, station: int, measure: Measure) -> float:
        """By how much a station is behind the best one in a measure."""
        return float(self._costs[measure][station] - self._least[measure])

    def _first_reason(self, station: int) -> Reason:
        if self._mode is Mode.CHEAP:
            price = self._costs[Measure.PRICE]
            return Reason(ReasonCode.CHEAPEST, float(price.max() - price[station]))
        if self._mode is Mode.GREEN:
            return Reason(ReasonCode.GREENEST, float(self._field.figures[self._mode].green_share[station]))
        return Reason(_BEST[self._mode], float(self._costs[Measure.TIME][station]))


def _share(values: Column, *, when_equal: float) -> Column:
    """Where each value lies between the least (0) and the greatest (1)."""
    if not values.size:
        return values
    least, span = values.min(), np.ptp(values)
    return np.full(values.shape, when_equal) if span <= 1e-9 else (values - least) / span


def boards(field: Field) -> dict[Mode, Board]:
    """The places of all stations in all four modes."""
    return {mode: Board(field, mode) for mode in Mode}


def rank(stations: Sequence[StationFacts]) -> tuple[Ranked, ...]:
    """Every station with its place in all four modes, in the order given."""
    by_mode = boards(_field(stations))
    return tuple(
        Ranked(facts, {mode: board.standing(number) for mode, board in by_mode.items()})
        for number, facts in enumerate(stations)
    )


def _field(stations: Sequence[StationFacts]) -> Field:
    def column(values: Sequence[float]) -> Column:
        return np.array(values, dtype=float)

    def figures(mode: Mode) -> Figures:
        offers = [facts.offers[mode] for facts in stations]
        return Figures(
            price=column([float(offer.price) for offer in offers]),
            charge_s=column([offer.charge_s for offer in offers]),
            green_share=column([offer.green_share for offer in offers]),
        )

    return Field(
        keys=np.array([facts.key for facts in stations], dtype=np.int64),
        distance_m=column([facts.distance_m for facts in stations]),
        drive_s=column([facts.drive_s for facts in stations]),
        wait_s=column([facts.wait_s for facts in stations]),
        figures={mode: figures(mode) for mode in Mode},
    )
