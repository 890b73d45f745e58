"""Virtual chargers for tests that are not asynchronous: they live in an event loop of their own, in a thread beside."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from chargepoints.models import ChargePoint, Connector
from chargepoints.virtual import Clock, EvseSpec, Timing, Vehicle, VirtualChargePoint
from tests import factories
from tests.browser.waiting import PATIENCE_S, until

Answer = TypeVar("Answer")
_QUICK = Timing(backoff_first_s=0.05, backoff_max_s=0.2, live_period_s=0.25)
# What every charger is told on its first boot, before anybody plans anything.
SAFE_DEFAULT_W = 4_200


class Charger:
    """A charger on the wire. Time passes as on a wall clock, and faster by ``pass_time``."""

    def __init__(self, hardware: "Hardware", machine: VirtualChargePoint) -> None:
        self._hardware = hardware
        self.machine = machine

    def plug_in(
        self, *, capacity_wh: float, soc_percent: float, max_charge_w: float = 11_000, max_discharge_w: float = 0
    ) -> None:
        vehicle = Vehicle(
            capacity_wh=capacity_wh,
            energy_wh=capacity_wh * soc_percent / 100,
            max_charge_w=max_charge_w,
            max_discharge_w=max_discharge_w,
        )
        self._hardware.do(self.machine.plug_in(1, vehicle))

    def unplug(self) -> None:
        self._hardware.do(self.machine.unplug(1))

    def present(self, card: str) -> str:
        """Hold a card to the reader; the charger's answer in OCPP's words."""
        return self._hardware.do(self.machine.present_token(1, card))

    def pass_time(self, seconds: float) -> None:
        """The charger's clock jumps; energy flows, and the meter's values reach the server."""
        self._hardware.do(self.machine.tick(seconds))
        self._hardware.do(self.machine.await_delivered(PATIENCE_S))

    def wait_for(self, condition: Callable[[VirtualChargePoint], object]) -> None:
        self._hardware.do(self.machine.wait_for(condition, PATIENCE_S))

    def wait_for_remote_start(self) -> None:
        self.wait_for(lambda one: one.evse().authorization)


class Hardware:
    """All the chargers of a test."""

    def __init__(self, ocpp_url: str) -> None:
        self._ocpp_url = ocpp_url
        self._chargers: list[Charger] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="chargers", daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Run in the chargers' loop and wait for the outcome."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(2 * PATIENCE_S)

    def connect(self, *rows: ChargePoint, version: str = "1.6", meter_every_s: int = 60) -> list[Charger]:
        """The machines to the rows: booted, under the safe default limit, and known to be free."""
        made = [self._start(row, version, meter_every_s) for row in rows]
        for charger in made:
            self.do(charger.machine.await_online(PATIENCE_S))
            charger.wait_for(lambda one: one.limit_w() <= SAFE_DEFAULT_W)
        ids = [row.pk for row in rows]
        free = Connector.objects.filter(evse__charge_point__in=ids, status=Connector.Status.AVAILABLE)
        wanted = Connector.objects.filter(evse__charge_point__in=ids).count()
        until(lambda: free.count() == wanted, "the server knows that the chargers are free")
        return made

    def _start(self, row: ChargePoint, version: str, meter_every_s: int) -> Charger:
        powers = row.evses.order_by("number").values_list("number", "max_power_w", "max_discharge_w")

        async def start(evses: list[EvseSpec]) -> VirtualChargePoint:
            machine = VirtualChargePoint(
                row.identity,
                self._ocpp_url,
                version,
                factories.SECRET,
                evses,
                clock=Clock(speed=1.0),
                meter_interval_s=meter_every_s,
                timing=_QUICK,
            )
            await machine.start()
            return machine

        specs = [EvseSpec(number=number, max_power_w=most, max_discharge_w=back) for number, most, back in powers]
        charger = Charger(self, self.do(start(specs)))
        self._chargers.append(charger)
        return charger

    def close(self) -> None:
        for charger in self._chargers:
            self.do(charger.machine.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE_S)
        self._loop.close()

    @property
    def violations(self) -> list[str]:
        """Frames, of either side, that break the official schemas."""
        return [wrong for charger in self._chargers for wrong in charger.machine.violations]
