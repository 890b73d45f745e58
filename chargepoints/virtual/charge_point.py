"""A virtual charge point: a real OCPP client (1.6J or 2.0.1) around a simulated station."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import ssl as ssl_module
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from . import dialect, manner, provisioning, settings, transaction_points
from . import v2g as v2g_dialect
from .cards import Cards
from .certificates import Certificates
from .clock import Clock
from .credentials import secret_of
from .evse import Evse, EvseSpec, Session, Token
from .external_limits import ExternalLimits
from .faults import Faults
from .firmware import Firmware
from .link import Access, Link, Timing
from .mishaps import Mishaps
from .outbox import Entry
from .profiles import CompositePeriod
from .rpc import CALL, UNREADABLE, Answer, LinkLostError, Payload, RefusalError
from .samples import DEFAULT_MEASURANDS
from .schemas import violation
from .station import Station
from .tokens import TokenBook
from .uploads import Uploads
from .variables import Variables
from .vehicle import Vehicle
from .wake import Wake

logger = logging.getLogger(__name__)
COMPOSITE_WINDOW_S = 86_400


class VirtualChargePoint(Mishaps):
    """One charger. `await start()`, act on it (`plug_in`, `present_token`), observe it (`wait_for`, `frames`).

    `url` is the server's OCPP root (the identity is appended). With a `clock` of speed 0 time moves by `tick` only;
    else the charger follows real time multiplied by `speed`.
    """

    def __init__(
        self,
        identity: str,
        url: str,
        version: str = "1.6",
        password: str | bytes | None = None,
        evses: Sequence[EvseSpec] = (EvseSpec(),),
        *,
        clock: Clock | None = None,
        speed: float = 1.0,
        heartbeat_s: float = 300,
        meter_interval_s: float = 60,
        rng: random.Random | None = None,
        timing: Timing | None = None,
        vendor: str = "TwinEV",
        model: str = "Virtual",
        boots_on_reconnect: bool = False,
        strict: bool = True,
        ssl: ssl_module.SSLContext | None = None,
        frames_kept: int = 5_000,
        v2g: str = v2g_dialect.LIMITS,
    ) -> None:
        super().__init__(version=version, strict=strict, frames_kept=frames_kept)
        self.identity, self.vendor, self.model = identity, vendor, model
        self.clock = clock or Clock(speed=speed)
        self.faults = Faults()
        self.boots_on_reconnect = boots_on_reconnect
        self.manner = manner.USUAL
        self.variables = _variables(identity, version, heartbeat_s, meter_interval_s, len(evses))
        self.tokens = TokenBook()
        self.boot_status, self.boot_reason, self.boots = "", "PowerUp", 0
        self.history: list[Session] = []
        self.networks: dict[int, str] = {}
        self.firmware_version = "1.0.0"
        self.data_transfers: dict[str, Callable[[str | None, Any], tuple[str, str | None]]] = {}
        self.v2g = v2g_dialect.V2g(self, v2g)
        self._tasks: set[asyncio.Task[Any]] = set()
        rng = rng or random.Random()
        spoken = dialect.of(version)
        self._actions = spoken.ACTIONS
        self.messages: dialect.Messages = spoken.Messages(self)
        self.station = Station(evses, now=self.clock.now(), rng=rng, sample_every_s=meter_interval_s)
        access = Access(f"{url.rstrip('/')}/{quote(identity)}", identity, spoken.SUBPROTOCOL, password, ssl)
        self.link = self._link(access, timing or Timing(), rng)
        self.cards, self.limits = Cards(self), ExternalLimits(self)
        self.firmware, self.uploads, self.certificates = Firmware(self), Uploads(self), Certificates(self)
        self._heartbeat_at = self.station.now
        self._wake = Wake(self.clock, self._next_due, self.catch_up)
        self.apply_variables()

    def _link(self, access: Access, timing: Timing, rng: random.Random) -> Link:
        return Link(
            access,
            timing=timing,
            rng=rng,
            on_open=self._opened,
            on_online=self._online,
            answer=self._answer,
            record=self.record,
            changed=self.changed,
        )

    @property
    def station(self) -> Station:
        """The charger's insides."""
        return self._station

    @station.setter
    def station(self, station: Station) -> None:
        """Take over a station (one that was kept, say); in the time since then nothing flowed."""
        station.now, station.reporter = self.clock.now(), self.messages
        self._station = station
        station.plan_samples()
        self.history += station.sessions()

    # Running

    async def start(self) -> None:
        """Begin to connect (returns at once; wait with `await_online`)."""
        self.spawn(self.link.run())
        if self.clock.speed:
            self._wake.start(self.link.timing.live_period_s)

    async def stop(self) -> None:
        """Close the link and end all tasks."""
        self._wake.stop()
        with contextlib.suppress(LinkLostError):
            await self.link.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def __aenter__(self) -> VirtualChargePoint:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run beside; an error is logged, a lost link is none."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)
        return task

    def _task_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or task.exception() is None or isinstance(task.exception(), LinkLostError):
            return
        logger.error("%s: a task failed", self.identity, exc_info=task.exception())

    async def tick(self, dt_s: float) -> None:
        """Let `dt_s` simulated seconds pass: energy flows, values are sampled, reservations lapse."""
        self.clock.advance(dt_s)
        self.catch_up()
        await asyncio.sleep(0)

    def catch_up(self) -> None:
        """Bring the station to the clock's moment (a clock shared by many is advanced by its owner)."""
        self.station.advance_to(self.clock.now())
        due = self._heartbeat_due()
        if due and self.link.online and self.station.now >= due:
            self._heartbeat_at = self.station.now
            self.link.outbox.put(Entry("Heartbeat", {}))
        self.changed()
        self._wake.plan()

    async def until(self, moment: datetime) -> None:
        """Return when the clock shows `moment`."""
        self._wake.add(moment)
        await self.wait_for(lambda cp: cp.clock.now() >= moment, timeout=None)

    def status_told(self) -> None:
        """The station looked at itself: something new may be due."""
        self.changed()
        self._wake.plan()

    def _heartbeat_due(self) -> datetime | None:
        every_s = self.variables.number("heartbeat_s")
        return self._heartbeat_at + timedelta(seconds=every_s) if every_s else None

    def _next_due(self) -> datetime | None:
        """When the charger has to do something by itself."""
        dues = [self.station.next_due(), self._heartbeat_due() if self.link.online else None]
        return min((due for due in dues if due), default=None)

    # Observing

    @property
    def online(self) -> bool:
        """Connected, and the boot accepted."""
        return self.link.online

    def evse(self, number: int = 1) -> Evse:
        """The state of one EVSE; KeyError if there is none."""
        return self.station.evses[number]

    def status(self, evse_number: int = 1) -> str:
        """Its status in the words of 1.6."""
        return self.evse(evse_number).status

    def power_w(self, evse_number: int = 1) -> float:
        """The power that flows now; negative: out of the car."""
        return self.evse(evse_number).meter.power_w

    def limit_w(self, evse_number: int = 1) -> float:
        """The power allowed now."""
        return self.station.limit_w(self.evse(evse_number))

    def composite(self, evse_number: int = 1, duration_s: int = COMPOSITE_WINDOW_S) -> list[CompositePeriod]:
        """The limits of the coming `duration_s` seconds, as GetCompositeSchedule would tell them."""
        return self.station.composite(self.evse(evse_number), duration_s)

    # Acting as a driver

    async def plug_in(self, evse_number: int, vehicle: Vehicle, connector: int = 1) -> None:
        """Put the cable into the vehicle."""
        self.catch_up()
        self.station.plug_in(self.evse(evse_number), vehicle, connector)
        self.v2g.tell(self.evse(evse_number))

    async def unplug(self, evse_number: int = 1) -> Vehicle | None:
        """Take the cable out; ends a running transaction."""
        self.catch_up()
        return self.station.unplug(self.evse(evse_number))

    async def present_token(self, evse_number: int, token: str, kind: str = "ISO14443") -> str:
        """Hold a card to the reader: starts, or stops, the transaction. The status in OCPP's words.

        "ConcurrentTx": another's transaction runs; "Blocked": reserved for another, or out of service.
        """
        self.catch_up()
        return await self.cards.present(self.evse(evse_number), Token(token, kind))

    # Settings

    def apply_variables(self) -> None:
        """Let changed settings take effect."""
        variables, station, link = self.variables, self.station, self.link
        station.sample_every_s = variables.number("meter_interval_s")
        station.aligned_every_s = variables.number("aligned_s")
        station.stop_on_unplug = variables.flag("stop_on_unplug")
        if self.version != "1.6":
            station.start_points = variables.words("start_points") or transaction_points.USUAL_START
            station.stop_points = variables.words("stop_points") or transaction_points.USUAL_STOP
        station.plan_samples()
        link.retry_s, link.max_attempts = variables.number("retry_s"), variables.number("attempts")
        link.ping_s = variables.number("ping_s")
        self._apply_password()

    def _apply_password(self) -> None:
        """A new secret is tried at once; the old one is kept until the new one has opened the door (A01.FR.12)."""
        if not self.variables["password"]:
            return
        secret = secret_of(self.version, self.variables["password"])
        if secret != self.link.access.password:
            self.link.move_to(replace(self.link.access, password=secret))
            if self.link.online:
                self.spawn(self.link.close())

    def restarted(self) -> None:
        """The network profile that leads the order is used from now on, where there is one (B09)."""
        for slot in self.variables.words("network_order"):
            if int(slot) in self.networks:
                address = f"{self.networks[int(slot)].rstrip('/')}/{quote(self.identity)}"
                self.link.move_to(replace(self.link.access, address=address))
                self.variables.set("active_network", slot)
                return

    def security_event(self, kind: str, info: str | None = None) -> None:
        """SecurityEventNotification, kept until it is answered."""
        payload = {"type": kind, "timestamp": self.messages.stamp(), **({"techInfo": info} if info else {})}
        self.link.outbox.put(Entry("SecurityEventNotification", payload, durable=True))

    # The link's questions

    async def _opened(self) -> None:
        self.catch_up()
        await provisioning.introduce(self)
        self._heartbeat_at = self.station.now

    def _online(self) -> None:
        # What changed while the first statuses were on their way.
        self.station.refresh()
        self.status_told()

    def _answer(self, action: str, payload: Payload) -> Answer:
        self.catch_up()
        return self.faults.answer(action, lambda: self._obey(action, payload))

    def _obey(self, action: str, payload: Payload) -> Answer:
        handler = self._actions.get(action)
        if handler is None:
            raise RefusalError("NotImplemented")
        wrong = violation(self.version, action, CALL, payload) if self.strict else None
        if wrong:
            raise RefusalError("FormationViolation" if self.version == "1.6" else "FormatViolation", wrong)
        try:
            answer: Answer = handler(self, payload)
        except UNREADABLE as error:
            logger.exception("%s: %s could not be handled", self.identity, action)
            raise RefusalError("InternalError", str(error)) from error
        return answer


def _variables(identity: str, version: str, heartbeat_s: float, meter_interval_s: float, evse_count: int) -> Variables:
    """The standard settings with what is this charger's own."""
    values = {
        "heartbeat_s": str(int(heartbeat_s)),
        "meter_interval_s": str(int(meter_interval_s)),
        "connectors": str(evse_count),
        "identity": identity,
    }
    if version != "1.6":
        # 2.0.1 has no temperature; chargers tell there what they offer.
        measured = [name if name != "Temperature" else "Power.Offered" for name in DEFAULT_MEASURANDS]
        values["measurands"] = values["begin_measurands"] = ",".join(measured)
    return Variables(settings.TABLE, values)
