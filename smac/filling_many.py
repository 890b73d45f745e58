"""Many charge curves in closed form at once: one row a need, one column a slot. Pure; for estimates, not for plans.

The same curves as the optimiser's for a car that is alone: energy into the best slots first, and in the basic mode in
proportion to the room that the supply point has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from smac.greenness import FOSSIL_G_PER_KWH
from smac.optimisation.problem import Mode

Rows: TypeAlias = NDArray[np.float64]

_NOTHING_WH = 1e-6
# Halvings that find the common share of the room to the last bit that a cent needs.
_HALVINGS = 50


@dataclass(frozen=True, slots=True)
class Needs:
    """What is wanted and what there is, a row a need and a column a slot.

    ``energy_wh`` and ``power_w`` have one value a row. ``hours``: how long the car stands in the slot; ``headroom_w``
    and ``surplus_w``: what the supply point can give, and gives away; ``price`` of the market; ``co2`` in g per kWh,
    not a number where nobody knows it.
    """

    energy_wh: Rows
    power_w: Rows
    hours: Rows
    headroom_w: Rows
    surplus_w: Rows
    price: Rows
    co2: Rows

    @property
    def limits_w(self) -> Rows:
        return np.minimum(self.power_w[:, None], self.headroom_w)


@dataclass(frozen=True, slots=True)
class Curves:
    """Energy by slot (Wh), the last slot used and how long in it (h), and what does not fit."""

    taken_wh: Rows
    last_slot: NDArray[np.intp]
    last_slot_hours: Rows
    missing_wh: Rows


def fill(mode: Mode, needs: Needs) -> Curves:
    """The charge curve of each need in a mode."""
    room_wh = needs.limits_w * needs.hours
    taken = _evenly(needs) if mode is Mode.BASIC else _best_first(needs.energy_wh, room_wh, _ranks(mode, needs))
    used = taken > _NOTHING_WH
    slots = np.arange(taken.shape[1])
    last = np.where(used, slots, 0).max(axis=1, initial=0)
    rows = np.arange(len(taken))
    limit = needs.limits_w[rows, last]
    whole = needs.hours[rows, last]
    at_full_power = np.divide(taken[rows, last], limit, out=whole.copy(), where=limit > 0)
    hours = whole if mode is Mode.BASIC else at_full_power
    return Curves(taken, last, hours, needs.energy_wh - taken.sum(axis=1))


def _ranks(mode: Mode, needs: Needs) -> Rows:
    """What makes a slot good in a mode, less is better; of equal slots the earlier one."""
    if mode is Mode.CHEAP:
        return needs.price
    if mode is Mode.GREEN:
        power = needs.power_w[:, None]
        drawn = np.maximum(power - needs.surplus_w, 0.0) / np.where(power > 0, power, 1.0)
        return np.where(power > 0, drawn, 1.0) * np.where(np.isnan(needs.co2), 1.0, needs.co2)
    return np.broadcast_to(np.arange(needs.price.shape[1], dtype=float), needs.price.shape)


def _best_first(energy_wh: Rows, room_wh: Rows, ranks: Rows) -> Rows:
    order = np.argsort(ranks, axis=1, kind="stable")
    sorted_room = np.take_along_axis(room_wh, order, axis=1)
    before = np.cumsum(sorted_room, axis=1) - sorted_room
    taken = np.clip(energy_wh[:, None] - before, 0.0, sorted_room)
    found = np.empty_like(taken)
    np.put_along_axis(found, order, taken, axis=1)
    return found


def _evenly(needs: Needs) -> Rows:
    """As even as the room of the slots allows: the least share of the headroom with which the energy still fits."""
    limits = needs.limits_w
    least, most = np.zeros(len(limits)), np.ones(len(limits))
    for _ in range(_HALVINGS):
        share = (least + most) / 2
        enough = _with_share(share, needs, limits).sum(axis=1) >= needs.energy_wh
        least, most = np.where(enough, least, share), np.where(enough, share, most)
    taken = _with_share(most, needs, limits)
    total = taken.sum(axis=1)
    return taken * np.minimum(np.divide(needs.energy_wh, total, out=np.ones_like(total), where=total > 0), 1.0)[:, None]


def _with_share(share: Rows, needs: Needs, limits_w: Rows) -> Rows:
    return np.minimum(limits_w, share[:, None] * needs.headroom_w) * needs.hours


def greenness(needs: Needs, curves: Curves) -> tuple[Rows, Rows]:
    """(green share from 0 to 1, grams of CO2) of each curve: own surplus first, then the mix of the grid."""
    taken = curves.taken_wh
    drawn = np.maximum(taken - np.maximum(needs.surplus_w, 0.0) * needs.hours, 0.0)
    known = np.where(np.isnan(needs.co2), FOSSIL_G_PER_KWH, needs.co2)
    green = taken - drawn + drawn * np.clip(1 - known / FOSSIL_G_PER_KWH, 0.0, 1.0)
    total = taken.sum(axis=1)
    share = np.divide(green.sum(axis=1), total, out=np.zeros_like(total), where=total > 0)
    grams = (drawn / 1000 * np.where(np.isnan(needs.co2), 0.0, needs.co2)).sum(axis=1)
    return share, grams
