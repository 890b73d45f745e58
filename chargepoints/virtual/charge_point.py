"""A virtual charge point: a real OCPP client (1.6J or 2.0.1) around a simulated station."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import ssl as ssl_module
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from . import dialect, provisioning
from .clock import Clock
from .evse import Authorization, Evse, EvseSpec, Token
from .faults import Faults
from .link import Access, Link, Timing
from .observation import Observed
from .outbox import Entry, Payload
from .profiles import CompositePeriod, Profile
from .rpc import CALL, UNREADABLE, Answer, CallFailedError, LinkLostError, NoAnswerError, RefusalError
from .schemas import violation
from .station import Station
from .tokens import TokenBook, Verdict
from .variables import Variables
from .vehicle import Vehicle

logger = logging.getLogger(__name__)
TRANSACTION_ACTIONS = ("StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent")
COMPOSITE_WINDOW_S = 86_400


class VirtualChargePoint(Observed):
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
    ) -> None:
        super().__init__(version=version, strict=strict, frames_kept=frames_kept)
        self.identity, self.vendor, self.model = identity, vendor, model
        self.clock = clock or Clock(speed=speed)
        self.faults = Faults()
        self.boots_on_reconnect = boots_on_reconnect
        self.variables = Variables(heartbeat_s=heartbeat_s, meter_interval_s=meter_interval_s, evse_count=len(evses))
        self.tokens = TokenBook()
        self.boot_status = ""
        self.boot_reason = "PowerUp"
        self._tasks: set[asyncio.Task[Any]] = set()
        rng = rng or random.Random()
        spoken = dialect.of(version)
        self.messages: dialect.Messages = spoken.Messages(self)
        self.station = Station(evses, now=self.clock.now(), rng=rng, sample_every_s=meter_interval_s)
        access = Access(f"{url.rstrip('/')}/{quote(identity)}", identity, spoken.SUBPROTOCOL, password, ssl)
        self.link = self._link(access, timing or Timing(), rng)
        self.firmware_version = "1.0.0"
        self.data_transfers: dict[str, Callable[[str | None, Any], tuple[str, str | None]]] = {}
        handlers: dialect.Handlers = spoken.Handlers(self)
        self._handlers = handlers.by_action()
        self._heartbeat_at = self.station.now
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

    # Running

    async def start(self) -> None:
        """Begin to connect (returns at once; wait with `await_online`)."""
        self.spawn(self.link.run())
        if self.clock.speed:
            self.spawn(self._live())

    async def stop(self) -> None:
        """Close the link and end all tasks."""
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

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run beside; an error is logged, a lost link is none."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._task_done)

    def _task_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or task.exception() is None or isinstance(task.exception(), LinkLostError):
            return
        logger.error("%s: a task failed", self.identity, exc_info=task.exception())

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(self.link.timing.live_period_s)
            self.catch_up()

    async def tick(self, dt_s: float) -> None:
        """Let `dt_s` simulated seconds pass: energy flows, values are sampled, reservations lapse."""
        self.clock.advance(dt_s)
        self.catch_up()
        await asyncio.sleep(0)

    def catch_up(self) -> None:
        """Bring the station to the clock's moment (a clock shared by many is advanced by its owner)."""
        self.station.advance_to(self.clock.now())
        every_s = self.variables.number("heartbeat_s")
        if every_s and self.link.online and self.station.now - self._heartbeat_at >= timedelta(seconds=every_s):
            self._heartbeat_at = self.station.now
            self.link.outbox.put(Entry("Heartbeat", {}))
        self.changed()

    # Observing

    async def await_online(self, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Until connected and accepted by the server."""
        await self.wait_for(lambda cp: cp.online, timeout)

    async def await_delivered(self, timeout: float = 5.0) -> None:  # noqa: ASYNC109
        """Until the server has answered all that was to be said."""
        await self.wait_for(lambda cp: cp.online and not len(cp.link.outbox), timeout)

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

    async def unplug(self, evse_number: int = 1) -> Vehicle | None:
        """Take the cable out; ends a running transaction."""
        self.catch_up()
        return self.station.unplug(self.evse(evse_number))

    async def present_token(self, evse_number: int, token: str, kind: str = "ISO14443") -> str:
        """Hold a card to the reader: starts, or stops, the transaction. The status in OCPP's words.

        "ConcurrentTx": another's transaction runs; "Blocked": reserved for another, or out of service.
        """
        self.catch_up()
        evse, card = self.evse(evse_number), Token(token, kind)
        if evse.session:
            return await self._present_to_stop(evse, card)
        status, group = await self._check(card)
        if status != "Accepted":
            return status
        if evse.session:
            return "ConcurrentTx"
        if evse.status in ("Faulted", "Unavailable"):
            return "Blocked"
        if evse.reservation and not evse.reservation.fits(card, group):
            return "Blocked"
        self.station.authorize(evse, self._authorization(card, "Authorized", group=group))
        return "Accepted"

    async def _present_to_stop(self, evse: Evse, card: Token) -> str:
        session = evse.session
        assert session is not None
        if card.value.lower() != session.token.value.lower():
            status, group = await self._check(card)
            if status != "Accepted" or group is None or group != session.group:
                return "ConcurrentTx" if status == "Accepted" else status
        self.station.end(session, "Local", stop_token=card)
        return "Accepted"

    def _authorization(self, token: Token, trigger: str, **details: Any) -> Authorization:
        patience = timedelta(seconds=self.variables.number("plug_in_timeout_s"))
        return Authorization(token, trigger, expires_at=self.station.now + patience, **details)

    async def _check(self, token: Token) -> Verdict:
        """Status and group of a token: from the server, or from what the charger knows."""
        if self.link.online:
            with contextlib.suppress(NoAnswerError, CallFailedError, LinkLostError, *UNREADABLE):
                answer = await self.link.call("Authorize", self.messages.authorize(token))
                verdict = self.messages.read_authorization(answer)
                self.tokens.hear(token.value, verdict)
                return verdict
        variables = self.variables
        return self.tokens.verdict(
            token.value, use_list=variables.flag("local_list"), accept_unknown=variables.flag("offline_unknown")
        )

    # Obeying the server (used by the handlers of both versions)

    def remote_start(
        self, *, evse_number: int | None, token: Token, profile: Profile | None, remote_start_id: int | None = None
    ) -> Callable[[], object] | None:
        """None if it is impossible, else what to do once the answer has gone out."""
        evse = self.station.evse_for_remote_start(evse_number, token)
        if evse is None:
            return None
        return lambda: self.spawn(self._start_remotely(evse, token, profile, remote_start_id))

    async def _start_remotely(
        self, evse: Evse, token: Token, profile: Profile | None, remote_start_id: int | None
    ) -> None:
        status, group = "Accepted", None
        if self.variables.flag("authorize_remote"):
            status, group = await self._check(token)
        if status == "Accepted":
            details = {"group": group, "remote_start_id": remote_start_id, "profile": profile}
            self.station.authorize(evse, self._authorization(token, "RemoteStart", **details))

    def apply_variables(self) -> None:
        """Let changed settings take effect."""
        variables = self.variables
        self.station.sample_every_s = variables.number("meter_interval_s")
        self.station.plan_samples()
        self.link.retry_s = variables.number("retry_s")
        self.link.max_attempts = variables.number("attempts")
        self.link.ping_s = variables.number("ping_s")
        if variables["password"]:
            self.link.access = replace(self.link.access, password=variables["password"])

    # Misbehaviour and mishaps

    def refuse(
        self, action: str, status: str | None = "Rejected", *, error: str | None = None, times: int | None = None
    ) -> None:
        """Answer `action` with `status` (or CALLERROR `error`) and do nothing."""
        self.faults.refuse(action, status, error=error, times=times)

    def silence(self, action: str, *, times: int | None = None) -> None:
        """Do not answer `action`."""
        self.faults.silence(action, times=times)

    @property
    def ignore_profile(self) -> bool:
        """Accept charging profiles and do as one likes."""
        return self.station.ignores_profiles

    @ignore_profile.setter
    def ignore_profile(self, ignores: bool) -> None:
        self.station.ignores_profiles = ignores
        self.station.refresh()

    def drop_link(self, *, stay_down: bool = False) -> None:
        """Cut the line; the charger connects again by itself unless it is to `stay_down` until `restore_link`."""
        self.link.online = False
        self.link.drop(stay_down=stay_down)

    def restore_link(self) -> None:
        """End of `drop_link(stay_down=True)`."""
        self.link.restore()

    async def duplicate_last(self, *, new_id: bool = False) -> Payload:
        """Say the last transaction message again, under the same message id or a new one; the server's answer."""
        frame = next(f for f in reversed(self.frames) if f.sent and f.kind == CALL and f.action in TRANSACTION_ACTIONS)
        return await self.link.call(frame.action, frame.payload, None if new_id else frame.message_id)

    async def send_raw(self, text: str) -> None:
        """Say something that this charger would not say by itself; LinkLostError without a link."""
        await self.link.send_raw(text)

    def power_loss(self) -> None:
        """The supply fails: no energy, no link, until `power_restore`."""
        self.station.powered = False
        self.station.refresh()
        self.drop_link(stay_down=True)

    def power_restore(self, *, resume: bool = False, keep_profiles: bool = True) -> None:
        """Boot again; running transactions end with PowerLoss unless the charger can `resume` them."""
        self.station.powered = True
        self._restart("PowerUp", None if resume else "PowerLoss", keep_profiles=keep_profiles)
        self.restore_link()

    async def reboot(
        self, *, boot_reason: str = "LocalReset", end_reason: str = "Reboot", keep_profiles: bool = True
    ) -> None:
        """Restart in an orderly way: transactions end, what can be said is said, then boot again."""
        self._restart(boot_reason, end_reason, keep_profiles=keep_profiles)
        with contextlib.suppress(TimeoutError):
            await self.await_delivered(self.link.timing.call_timeout_s)
        self.boot_status = ""
        await self.link.close()

    def _restart(self, boot_reason: str, end_reason: str | None, *, keep_profiles: bool) -> None:
        if end_reason:
            for session in self.station.sessions():
                self.station.end(session, end_reason)
        if not keep_profiles:
            self.station.profiles.forget_all()
        self.boot_status, self.boot_reason = "", boot_reason
        self.station.refresh()

    # The link's questions

    async def _opened(self) -> None:
        self.catch_up()
        await provisioning.introduce(self)
        self._heartbeat_at = self.station.now

    def _online(self) -> None:
        # What changed while the first statuses were on their way.
        self.station.refresh()
        self.changed()

    def _answer(self, action: str, payload: Payload) -> Answer:
        self.catch_up()
        faulty = self.faults.intercept(action)
        if faulty is not None:
            return faulty
        handler = self._handlers.get(action)
        if handler is None:
            raise RefusalError("NotImplemented")
        wrong = violation(self.version, action, CALL, payload) if self.strict else None
        if wrong:
            raise RefusalError("FormationViolation" if self.version == "1.6" else "FormatViolation", wrong)
        try:
            return handler(payload)
        except UNREADABLE as error:
            logger.exception("%s: %s could not be handled", self.identity, action)
            raise RefusalError("InternalError", str(error)) from error
