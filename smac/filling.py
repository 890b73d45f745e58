"""A charge curve in closed form: energy into the best slots first. Pure; for estimates, not for plans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from smac.optimisation.problem import Mode

_NOTHING_WH = 1e-6


@dataclass(frozen=True, slots=True)
class Filled:
    """Mean power of each slot (W), where it ends (the last slot used and how long in it), and what does not fit."""

    power_w: tuple[float, ...]
    last_slot: int
    last_slot_hours: float
    missing_wh: float


def ranks(
    mode: Mode,
    *,
    price: Sequence[float],
    surplus_w: Sequence[float],
    co2: Sequence[float | None],
    power_w: float,
) -> tuple[float, ...] | None:
    """What makes a slot good in a mode (less is better); None = all alike, spread evenly.

    Green counts the grams of a kWh after own surplus; where no mix is known, every kWh of the grid counts the same.
    """
    if mode is Mode.BASIC:
        return None
    if mode is Mode.FAST:
        return tuple(float(slot) for slot in range(len(price)))
    if mode is Mode.CHEAP:
        return tuple(price)
    drawn = [max(power_w - own, 0.0) / power_w if power_w > 0 else 1.0 for own in surplus_w]
    return tuple(part * (1.0 if grams is None else grams) for part, grams in zip(drawn, co2, strict=True))


def fill(
    *, energy_wh: float, limits_w: Sequence[float], hours: Sequence[float], ranks: Sequence[float] | None
) -> Filled:
    """Spread energy over slots; `ranks` None spreads it in proportion to the limits."""
    room_wh = [limit * length for limit, length in zip(limits_w, hours, strict=True)]
    if ranks is None:
        share = min(energy_wh / sum(room_wh), 1.0) if sum(room_wh) > 0 else 0.0
        taken = [room * share for room in room_wh]
    else:
        taken = _greedy(energy_wh, room_wh, ranks)
    used = [slot for slot, energy in enumerate(taken) if energy > _NOTHING_WH]
    last = used[-1] if used else 0
    power = tuple(energy / length if length > 0 else 0.0 for energy, length in zip(taken, hours, strict=True))
    return Filled(power, last, _hours_used(taken, limits_w, hours, last, even=ranks is None), energy_wh - sum(taken))


def _greedy(energy_wh: float, room_wh: Sequence[float], ranks: Sequence[float]) -> list[float]:
    taken = [0.0] * len(room_wh)
    for slot in sorted(range(len(room_wh)), key=lambda slot: (ranks[slot], slot)):
        taken[slot] = min(room_wh[slot], energy_wh)
        energy_wh -= taken[slot]
        if energy_wh <= _NOTHING_WH:
            break
    return taken


def _hours_used(
    taken: Sequence[float], limits_w: Sequence[float], hours: Sequence[float], last: int, *, even: bool
) -> float:
    """How long the last slot is charged in: at full power from its start, or all of it when spread evenly."""
    if even or limits_w[last] <= 0:
        return hours[last]
    return taken[last] / limits_w[last]
