"""Cars that come, charge and go, drawn by chance: what keeps a simulated charger busy."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from .vehicle import Vehicle

if TYPE_CHECKING:
    from .charge_point import VirtualChargePoint
    from .evse import Evse

CAPACITIES_WH = (40_000, 52_000, 64_000, 77_000, 95_000)
# Half of the people hold their card to the reader when they come back, half just pull the cable.
CARD_TO_STOP_SHARE = 0.5


@dataclass(frozen=True)
class Habits:
    """`tokens`: the cards that people have. Seconds are simulated: between two visits to an EVSE, and of a stay."""

    tokens: Sequence[str]
    pause_s: float = 1_800
    stay_s: float = 5_400


async def visit(charge_point: VirtualChargePoint, evse: Evse, habits: Habits, rng: random.Random) -> None:
    """One car after the other at one EVSE, for ever."""
    while True:
        await charge_point.until(_later(charge_point, rng.expovariate(1 / habits.pause_s)))
        if evse.vehicle or evse.status not in ("Available", "Preparing"):
            continue
        token = rng.choice(list(habits.tokens))
        await charge_point.plug_in(evse.number, a_car(evse, rng))
        await charge_point.present_token(evse.number, token)
        await charge_point.until(_later(charge_point, rng.uniform(0.3, 1.7) * habits.stay_s))
        if evse.session and rng.random() < CARD_TO_STOP_SHARE:
            await charge_point.present_token(evse.number, token)
        await charge_point.unplug(evse.number)


def _later(charge_point: VirtualChargePoint, wait_s: float) -> datetime:
    return charge_point.clock.now() + timedelta(seconds=wait_s)


def a_car(evse: Evse, rng: random.Random) -> Vehicle:
    """Any car that fits there."""
    capacity_wh = rng.choice(CAPACITIES_WH)
    return Vehicle(
        capacity_wh=capacity_wh,
        energy_wh=capacity_wh * rng.uniform(0.1, 0.7),
        max_charge_w=evse.spec.max_power_w,
        max_discharge_w=evse.spec.max_discharge_w,
    )
