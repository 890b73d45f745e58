"""Many virtual charge points in one event loop, on one clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .charge_point import VirtualChargePoint
from .clock import Clock
from .evse import EvseSpec


@dataclass(frozen=True)
class ChargePointSpec:
    """One charger to run. Passwords are texts; None connects without HTTP Basic."""

    identity: str
    version: str = "1.6"
    password: str | None = None
    evses: tuple[EvseSpec, ...] = (EvseSpec(),)
    vendor: str = "TwinEV"
    model: str = "Virtual"


def read_specs(path: Path) -> list[ChargePointSpec]:
    """Specs from a JSON list of objects with the fields of `ChargePointSpec`; TypeError for an unknown field."""
    return [_spec(entry) for entry in json.loads(path.read_text(encoding="utf-8"))]


def _spec(entry: dict[str, Any]) -> ChargePointSpec:
    if "evses" not in entry:
        return ChargePointSpec(**entry)
    evses = tuple(_evse_spec(evse, number) for number, evse in enumerate(entry["evses"], start=1))
    return ChargePointSpec(**{**entry, "evses": evses})


def _evse_spec(entry: dict[str, Any], number: int) -> EvseSpec:
    connectors = tuple(entry.get("connectors", EvseSpec.connectors))
    return EvseSpec(**{"number": number, **entry, "connectors": connectors})


class Fleet:
    """The charge points by identity. `options` go to each `VirtualChargePoint` (timing, meter_interval_s …)."""

    def __init__(
        self,
        specs: Iterable[ChargePointSpec],
        url: str,
        *,
        clock: Clock | None = None,
        speed: float = 1.0,
        **options: Any,
    ) -> None:
        self.clock = clock or Clock(speed=speed)
        self._by_identity = {
            spec.identity: VirtualChargePoint(
                spec.identity,
                url,
                spec.version,
                spec.password,
                spec.evses,
                vendor=spec.vendor,
                model=spec.model,
                clock=self.clock,
                **options,
            )
            for spec in specs
        }

    def __iter__(self) -> Iterator[VirtualChargePoint]:
        return iter(self._by_identity.values())

    def __len__(self) -> int:
        return len(self._by_identity)

    def __getitem__(self, identity: str) -> VirtualChargePoint:
        return self._by_identity[identity]

    async def start(self, *, ramp_s: float = 0.0) -> None:
        """Connect all of them, spread over `ramp_s` real seconds (0: all at once, as after a power cut)."""
        for charge_point in self:
            await charge_point.start()
            if ramp_s:
                await asyncio.sleep(ramp_s / len(self))

    async def stop(self) -> None:
        """Disconnect all."""
        await asyncio.gather(*(charge_point.stop() for charge_point in self))

    async def __aenter__(self) -> Fleet:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    async def tick(self, dt_s: float) -> None:
        """Let simulated time pass for all of them."""
        self.clock.advance(dt_s)
        for charge_point in self:
            charge_point.catch_up()
        await asyncio.sleep(0)

    async def await_online(self, timeout: float = 30.0) -> None:  # noqa: ASYNC109
        """Until the server has accepted all of them."""
        await asyncio.gather(*(charge_point.await_online(timeout) for charge_point in self))

    async def await_delivered(self, timeout: float = 30.0) -> None:  # noqa: ASYNC109
        """Until the server has answered all that they had to say."""
        await asyncio.gather(*(charge_point.await_delivered(timeout) for charge_point in self))
