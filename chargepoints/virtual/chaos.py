"""Misbehaviour by chance, the same for the same seed: one mischief after the other, at random moments."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from . import mischief
from .manner import USUAL
from .mischief import Mischief

if TYPE_CHECKING:
    from .charge_point import VirtualChargePoint


class Chaos:
    """What haunts one charger. `done`: the names of what it did so far."""

    def __init__(
        self,
        charge_point: VirtualChargePoint,
        rng: random.Random,
        *,
        every_s: float = 900,
        choices: Sequence[Mischief] = mischief.EVERY,
    ) -> None:
        self.done: list[str] = []
        self._charge_point = charge_point
        self._rng = rng
        self._every_s = every_s
        self._choices = choices
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin: on average one mischief every `every_s` simulated seconds."""
        # Half-made mischief must be able to end, so that the charger is what it was: `calm` waits for no one.
        self._charge_point.strict = False
        self._task = self._charge_point.spawn(self._rage())

    async def _rage(self) -> None:
        while True:
            wait_s = self._rng.expovariate(1 / self._every_s)
            await self._charge_point.until(self._charge_point.clock.now() + timedelta(seconds=wait_s))
            chosen = self._rng.choice(self._choices)
            self.done.append(chosen.__name__)
            await chosen(self._charge_point, self._rng)

    def calm(self) -> None:
        """Stop, and put everything right again."""
        if self._task:
            self._task.cancel()
        charge_point = self._charge_point
        charge_point.faults.clear()
        charge_point.manner = USUAL
        for evse in charge_point.station.evses.values():
            charge_point.station.set_fault(evse, None)
        if charge_point.station.powered:
            charge_point.restore_link()
        else:
            charge_point.power_restore()
