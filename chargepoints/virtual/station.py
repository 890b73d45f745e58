"""The charger without its network: cables, cards, sessions, reservations and the flow of energy over time.

No I/O. What happens is told to a `Reporter` (one for each OCPP version), in the moment it happens.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from . import transaction_points
from .bays import Bays
from .evse import Authorization, Evse, EvseSpec, Session, Token
from .profiles import CompositePeriod, Profile, ProfileStore, bound
from .vehicle import Vehicle

# The power is taken as constant within a step: short against a 15-minute slot, long enough to simulate days.
STEP_S = 30


class Station(Bays):
    """State of the whole charger at its own moment `now`."""

    sample_every_s: float
    aligned_every_s: float = 0
    start_points: Collection[str] = transaction_points.USUAL_START
    stop_points: Collection[str] = transaction_points.USUAL_STOP
    stop_on_unplug = True
    ignores_profiles = False
    powered = True

    def __init__(self, specs: Iterable[EvseSpec], *, now: datetime, rng: random.Random, sample_every_s: float) -> None:
        super().__init__(specs, now=now)
        self.profiles = ProfileStore()
        self.sample_every_s = sample_every_s
        self._rng = rng

    # Time and energy

    def advance_to(self, target: datetime) -> None:
        """Let time pass until `target`; a clock that was set back is only taken over."""
        while self.now < target:
            end = min(target, min(self._marks(), default=target))
            for evse in self.evses.values():
                self._flow(evse, (end - self.now).total_seconds())
            self.now = end
            self._expire()
            self._sample()
            self._settle()
        self.now = target
        self.refresh()

    def next_due(self) -> datetime | None:
        """When something will happen by itself; None if nothing is foreseen."""
        return min(self._marks(), default=None)

    def refresh(self) -> None:
        """Work out power, charging state and status for this moment and report what changed."""
        for evse in self.evses.values():
            if evse.authorization and evse.vehicle and not evse.session:
                self._start_if_due(evse, "ChargingStateChanged")
            self._flow(evse, 0)
        self._settle()
        self.keep_for_pool()
        for evse in self.evses.values():
            self.reporter.status_changed(evse)

    def limit_w(self, evse: Evse) -> float:
        """What the charger allows the car now (negative: asks from it)."""
        if self.ignores_profiles:
            return evse.spec.max_power_w
        limit_w = self.profiles.limit_w(evse.circuit(), self.now, station_share=self._station_share())
        if evse.session and evse.session.setpoint_w is not None:
            limit_w = max(min(limit_w, evse.session.setpoint_w), -evse.spec.max_discharge_w)
        return 0.0 if 0 <= limit_w < evse.spec.least_power_w else limit_w

    def composite(self, evse: Evse, duration_s: int, *, station_share: int | None = None) -> list[CompositePeriod]:
        """The limits from now on; the station's own limit is shared among those in use, or as told."""
        share = station_share or self._station_share()
        return self.profiles.composite(evse.circuit(), self.now, duration_s, station_share=share)

    def _station_share(self) -> int:
        return max(1, sum(1 for e in self.evses.values() if e.session and e.vehicle and not e.vehicle.is_full))

    def _flow(self, evse: Evse, dt_s: float) -> None:
        session = evse.session
        if session is None or evse.fault or not self.powered:
            evse.meter.power_w = 0.0
            return
        power_w, state = self._power(evse, session, dt_s)
        if session.state != state:
            # Told of this moment: the register does not hold yet what flows from now on.
            session.state, evse.meter.power_w = state, power_w
            self.reporter.changed(session, "ChargingStateChanged")
        if power_w:
            session.seconds_charging += dt_s
        evse.meter.add(power_w, dt_s)

    def _power(self, evse: Evse, session: Session, dt_s: float) -> tuple[float, str]:
        """The mean power over the step, and OCPP's charging state."""
        if evse.vehicle is None:
            return 0.0, "SuspendedEV" if session.detached else "Idle"
        if not session.authorized:
            return 0.0, "EVConnected"
        limit_w = 0.0 if session.cap_reached(evse.meter.import_wh) else self.limit_w(evse)
        power_w = evse.vehicle.step(dt_s, limit_w)
        return power_w, "Charging" if power_w else "SuspendedEV" if limit_w else "SuspendedEVSE"

    def _marks(self) -> Iterator[datetime]:
        if self.aligned_every_s:
            yield _next_multiple(self.now, self.aligned_every_s)
        deadlines = [held.expires_at for held in self.reservations()]
        for evse in self.evses.values():
            deadlines += [evse.authorization.expires_at] if evse.authorization else []
            if evse.session:
                yield _next_multiple(self.now, STEP_S)
                deadlines += [at for at in (evse.session.next_sample_at, evse.session.waits_until) if at]
        yield from (deadline for deadline in deadlines if deadline > self.now)

    def _expire(self) -> None:
        for evse in self.evses.values():
            if evse.authorization and evse.authorization.expires_at <= self.now:
                evse.authorization = None
            session = evse.session
            if session and session.waits_until and session.waits_until <= self.now:
                self.end(session, "Timeout")
        self.expire_reservations()

    def _sample(self) -> None:
        if not self.powered:
            return
        for session in self.sessions():
            if session.next_sample_at and session.next_sample_at <= self.now:
                self._plan_sample(session)
                self.reporter.sampled(session)
        if self.aligned_every_s and self.now.timestamp() % self.aligned_every_s == 0:
            for evse in self.evses.values():
                self.reporter.aligned(evse)

    def _plan_sample(self, session: Session) -> None:
        every_s = self.sample_every_s
        session.next_sample_at = self.now + timedelta(seconds=every_s) if every_s > 0 else None

    def plan_samples(self) -> None:
        """Start the sampling interval anew, after it was changed."""
        for session in self.sessions():
            self._plan_sample(session)

    # Cables and cards

    def park(self, evse: Evse) -> None:
        """A car stands in the bay; its cable is not in yet."""
        evse.parked = True
        self._start_if_due(evse, "EVDetected")
        self.refresh()

    def plug_in(self, evse: Evse, vehicle: Vehicle, connector: int = 1) -> None:
        """The cable goes in; starts the transaction if that is its point, or someone is authorised already."""
        evse.vehicle, evse.connector, evse.finished, evse.parked = vehicle, connector, False, True
        session = evse.session
        if session:
            session.state, session.waits_until, session.detached = "EVConnected", None, False
            self.reporter.changed(session, "CablePluggedIn")
        else:
            self._start_if_due(evse, "CablePluggedIn")
        self.refresh()

    def unplug(self, evse: Evse, *, stays: bool = False) -> Vehicle | None:
        """The cable comes out, which mostly ends a running transaction; the vehicle that drives away (or `stays`)."""
        vehicle, session = evse.vehicle, evse.session
        if session and self.stop_on_unplug:
            self._pull(evse, session, parked=stays)
        elif session:
            session.detached = True
        evse.vehicle, evse.finished, evse.parked = None, False, stays
        self.refresh()
        return vehicle

    def _pull(self, evse: Evse, session: Session, *, parked: bool) -> None:
        before, held = self._points(evse), self._points(evse, connected=False, parked=parked)
        if transaction_points.stops(before, held, self.stop_points):
            self.end(session, "EVDisconnected")
        else:
            session.state, session.held = "Idle", held
            evse.vehicle = None
            self.reporter.changed(session, "EVCommunicationLost")

    def authorize(self, evse: Evse, authorization: Authorization) -> None:
        """Someone may charge: start now if the cable is in, else wait for it. Too late if someone else does."""
        session = evse.session
        if session is None:
            evse.authorization = authorization
            self._start_if_due(evse, authorization.trigger)
        elif not session.authorized:
            self._admit(evse, session, authorization)
        self.refresh()

    def _admit(self, evse: Evse, session: Session, authorization: Authorization) -> None:
        """A transaction that began with the cable learns who it is for."""
        session.token, session.group, session.authorized = authorization.token, authorization.group, True
        session.remote_start_id = authorization.remote_start_id
        session.reservation_id = self.use_reservation(evse, authorization.token, authorization.group)
        self._bind_profile(evse, session, authorization)
        self.reporter.changed(session, authorization.trigger)

    def _points(
        self,
        evse: Evse,
        *,
        connected: bool | None = None,
        parked: bool | None = None,
        authorized: bool | None = None,
    ) -> frozenset[str]:
        """Which points hold now, or would if what is told were so."""
        attached = evse.vehicle is not None or bool(evse.session and evse.session.detached)
        return transaction_points.points(
            parked=evse.parked if parked is None else parked,
            connected=attached if connected is None else connected,
            authorized=evse.authorized if authorized is None else authorized,
            faulted=evse.fault is not None,
            flowing=self._flow_counts() and self._would_flow(evse),
        )

    def _flow_counts(self) -> bool:
        return transaction_points.FLOWING in (*self.start_points, *self.stop_points)

    def _would_flow(self, evse: Evse) -> bool:
        return bool(self.powered and evse.vehicle and evse.vehicle.step(0, self.limit_w(evse)))

    def _start_if_due(self, evse: Evse, trigger: str) -> None:
        serves = evse.session is None and evse.fault is None and evse.operative
        if serves and transaction_points.starts(self.start_points, self._points(evse)):
            self._start(evse, evse.authorization, trigger)

    def _start(self, evse: Evse, authorization: Authorization | None, trigger: str) -> None:
        session = Session(
            key=str(uuid.UUID(int=self._rng.getrandbits(128), version=4)),
            evse_number=evse.number,
            token=authorization.token if authorization else None,
            started_at=self.now,
            meter_start_wh=round(evse.meter.import_wh),
            export_start_wh=round(evse.meter.export_wh),
            trigger=trigger,
            authorized=authorization is not None,
            state="EVConnected" if evse.vehicle else "Idle",
        )
        evse.session, evse.authorization, evse.finished = session, None, False
        if authorization:
            self._take_over(evse, session, authorization)
        session.held = self._points(evse)
        self._plan_sample(session)
        self.reporter.started(session)

    def _take_over(self, evse: Evse, session: Session, authorization: Authorization) -> None:
        if authorization.trigger == "RemoteStart":
            session.trigger = "RemoteStart"
        session.group, session.remote_start_id = authorization.group, authorization.remote_start_id
        session.waits_until = None if evse.vehicle else authorization.expires_at
        session.reservation_id = self.use_reservation(evse, authorization.token, authorization.group)
        self._bind_profile(evse, session, authorization)

    def _bind_profile(self, evse: Evse, session: Session, authorization: Authorization) -> None:
        if authorization.profile:
            self.profiles.install(bound(authorization.profile, evse_number=evse.number, session_key=session.key))

    # Ends of transactions

    def stop(self, session: Session, reason: str, *, trigger: str, stop_token: Token | None = None) -> None:
        """Whoever started it (or the operator) takes the permission back; ends the transaction if that is its point."""
        evse = self.evses[session.evse_number]
        before, held = self._points(evse), self._points(evse, authorized=False)
        if transaction_points.stops(before, held, self.stop_points):
            self.end(session, reason, stop_token=stop_token)
            return
        session.authorized, session.stop_token, session.held = False, stop_token, held
        self.reporter.changed(session, trigger)
        self.refresh()

    def _settle(self) -> None:
        """End transactions whose stop point was passed by itself: the flow ended, the path was opened."""
        for session in self.sessions():
            evse = self.evses[session.evse_number]
            held = self._points(evse)
            if transaction_points.stops(session.held, held, self.stop_points):
                full = evse.vehicle is not None and evse.vehicle.is_full
                self.end(session, "StoppedByEV" if full or session.state == "SuspendedEV" else "Other")
            session.held = held

    def end(self, session: Session, reason: str, *, stop_token: Token | None = None) -> None:
        """End the transaction (reasons in 2.0.1's words); nothing happens if it has ended."""
        evse = self.evses[session.evse_number]
        if evse.session is not session:
            return
        self._flow(evse, 0)
        evse.session, evse.finished, evse.meter.power_w = None, True, 0.0
        session.ended_at, session.reason, session.stop_token = self.now, reason, stop_token
        session.meter_stop_wh, session.export_stop_wh = round(evse.meter.import_wh), round(evse.meter.export_wh)
        self.reporter.ended(session)
        self.profiles.drop_session(session.key)
        if evse.inoperative_after_session:
            evse.operative, evse.inoperative_after_session = False, False
        self.refresh()

    # What the operator asks

    def install_profile(self, profile: Profile) -> None:
        """Keep a profile and obey it from now on."""
        self.profiles.install(profile)
        self.refresh()


def _next_multiple(moment: datetime, step_s: float) -> datetime:
    return moment + timedelta(seconds=step_s - moment.timestamp() % step_s)
