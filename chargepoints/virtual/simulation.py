"""A fleet at work: cars that come and go, a script, chaos; and in the end everybody leaves and all is told."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass

from . import ledger, script, visits
from .chaos import Chaos
from .charge_point import VirtualChargePoint
from .fleet import Fleet
from .mischief import EVERY, Mischief


@dataclass(frozen=True)
class Plan:
    """What is to happen at each charger. With the same `seed` the same, as far as the server does the same."""

    seed: int = 0
    habits: visits.Habits | None = None
    steps: Sequence[script.Step] = ()
    chaos_every_s: float | None = None
    mischief: Sequence[Mischief] = EVERY


class Simulation:
    """`async with Simulation(fleet, plan) as simulation: …; await simulation.settle()`; then `simulation.ledger()`."""

    def __init__(self, fleet: Fleet, plan: Plan) -> None:
        self.fleet = fleet
        self.plan = plan
        self.haunts: dict[str, Chaos] = {}
        self._people: list[asyncio.Task[None]] = []

    async def start(self, *, ramp_s: float = 0.0) -> None:
        """Connect all chargers, and let the play begin at each of them."""
        for charge_point in self.fleet:
            self._begin(charge_point)
        await self.fleet.start(ramp_s=ramp_s)

    async def stop(self) -> None:
        """Disconnect all."""
        await self.fleet.stop()

    async def __aenter__(self) -> Simulation:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    def _begin(self, charge_point: VirtualChargePoint) -> None:
        rng = self._rng(charge_point, "people")
        if self.plan.habits:
            for evse in charge_point.station.evses.values():
                task = visits.visit(charge_point, evse, self.plan.habits, rng)
                self._people.append(charge_point.spawn(task))
        if self.plan.steps:
            self._people.append(charge_point.spawn(script.play(charge_point, self.plan.steps)))
        if self.plan.chaos_every_s:
            rng = self._rng(charge_point, "chaos")
            self.haunts[charge_point.identity] = Chaos(
                charge_point, rng, every_s=self.plan.chaos_every_s, choices=self.plan.mischief
            )
            self.haunts[charge_point.identity].start()

    def _rng(self, charge_point: VirtualChargePoint, part: str) -> random.Random:
        return random.Random(f"{self.plan.seed}/{charge_point.identity}/{part}")

    async def settle(self, timeout: float = 60.0) -> None:  # noqa: ASYNC109
        """Chaos ends, all cars leave, all is told; TimeoutError if the server does not take it all."""
        for person in self._people:
            person.cancel()
        for chaos in self.haunts.values():
            chaos.calm()
        for charge_point in self.fleet:
            for evse in charge_point.station.evses.values():
                if evse.vehicle or evse.session:
                    await charge_point.unplug(evse.number)
        await self.fleet.await_delivered(timeout)

    def ledger(self) -> ledger.Ledger:
        """What the meters say."""
        return ledger.ledger(self.fleet)
