"""The charger without its network: cables, cards, sessions, reservations and the flow of energy over time.

No I/O. What happens is told to a `Reporter` (one for each OCPP version), in the moment it happens.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from .evse import Authorization, Evse, EvseSpec, Reservation, Session, Token
from .profiles import CompositePeriod, Profile, ProfileStore, bound
from .vehicle import Vehicle

# The power is taken as constant within a step: short against a 15-minute slot, long enough to simulate days.
STEP_S = 30


class Reporter(Protocol):
    """Who is told; `chargepoints.virtual.v16.messages` and `.v201.messages` turn it into OCPP."""

    def status_changed(self, evse: Evse) -> None: ...
    def started(self, session: Session) -> None: ...
    def changed(self, session: Session, trigger: str) -> None: ...
    def sampled(self, session: Session) -> None: ...
    def ended(self, session: Session) -> None: ...
    def reservation_lapsed(self, reservation: Reservation) -> None: ...


class Station:
    """State of the whole charger at its own moment `now`."""

    def __init__(self, specs: Iterable[EvseSpec], *, now: datetime, rng: random.Random, sample_every_s: float) -> None:
        self.evses = {spec.number: Evse(spec) for spec in specs}
        self.profiles = ProfileStore()
        self.now = now
        self.sample_every_s = sample_every_s
        self.ignores_profiles = False
        self.powered = True
        self.reporter: Reporter
        self._rng = rng

    # Time and energy

    def advance_to(self, target: datetime) -> None:
        """Let time pass until `target`; a clock that was set back is only taken over."""
        while self.now < target:
            end = min(target, self._next_mark(target))
            for evse in self.evses.values():
                self._flow(evse, (end - self.now).total_seconds())
            self.now = end
            self._expire()
            self._sample()
        self.now = target
        self.refresh()

    def refresh(self) -> None:
        """Work out power, charging state and status for this moment and report what changed."""
        for evse in self.evses.values():
            self._flow(evse, 0)
            self.reporter.status_changed(evse)

    def limit_w(self, evse: Evse) -> float:
        """What the charger allows the car now (negative: asks from it)."""
        if self.ignores_profiles:
            return evse.spec.max_power_w
        limit_w = self.profiles.limit_w(evse.circuit(), self.now, station_share=self._station_share())
        return 0.0 if 0 <= limit_w < evse.spec.least_power_w else limit_w

    def composite(self, evse: Evse, duration_s: int, *, station_share: int | None = None) -> list[CompositePeriod]:
        """The limits from now on; the station's own limit is shared among those in use, or as told."""
        share = station_share or self._station_share()
        return self.profiles.composite(evse.circuit(), self.now, duration_s, station_share=share)

    def _station_share(self) -> int:
        return max(1, sum(1 for e in self.evses.values() if e.session and e.vehicle and not e.vehicle.is_full))

    def _flow(self, evse: Evse, dt_s: float) -> None:
        session = evse.session
        if session is None or evse.vehicle is None or evse.fault or not self.powered:
            evse.meter.add(0.0, dt_s)
            return
        limit_w = self.limit_w(evse)
        power_w = evse.vehicle.step(dt_s, limit_w)
        state = "Charging" if power_w else "SuspendedEV" if limit_w else "SuspendedEVSE"
        if session.state != state:
            # Told of this moment: the register does not hold yet what flows from now on.
            session.state, evse.meter.power_w = state, power_w
            self.reporter.changed(session, "ChargingStateChanged")
        evse.meter.add(power_w, dt_s)

    def _next_mark(self, target: datetime) -> datetime:
        marks = [target]
        for evse in self.evses.values():
            marks += [held.expires_at for held in (evse.authorization, evse.reservation) if held]
            if evse.session:
                marks.append(_next_multiple(self.now, STEP_S))
                marks += [evse.session.next_sample_at] if evse.session.next_sample_at else []
        return min((mark for mark in marks if mark > self.now), default=target)

    def _expire(self) -> None:
        for evse in self.evses.values():
            if evse.authorization and evse.authorization.expires_at <= self.now:
                evse.authorization = None
            if evse.reservation and evse.reservation.expires_at <= self.now:
                lapsed, evse.reservation = evse.reservation, None
                self.reporter.reservation_lapsed(lapsed)

    def _sample(self) -> None:
        if not self.powered:
            return
        for session in self.sessions():
            if session.next_sample_at and session.next_sample_at <= self.now:
                self._plan_sample(session)
                self.reporter.sampled(session)

    def _plan_sample(self, session: Session) -> None:
        every_s = self.sample_every_s
        session.next_sample_at = self.now + timedelta(seconds=every_s) if every_s > 0 else None

    def plan_samples(self) -> None:
        """Start the sampling interval anew, after it was changed."""
        for session in self.sessions():
            self._plan_sample(session)

    # Cables and cards

    def plug_in(self, evse: Evse, vehicle: Vehicle, connector: int = 1) -> None:
        """The cable goes in; starts the transaction if someone is authorised already."""
        evse.vehicle, evse.connector, evse.finished = vehicle, connector, False
        self._start_if_ready(evse, trigger="CablePluggedIn")

    def unplug(self, evse: Evse) -> Vehicle | None:
        """The cable comes out, which ends a running transaction; the vehicle that drives away."""
        if evse.session:
            self.end(evse.session, "EVDisconnected")
        vehicle, evse.vehicle, evse.finished = evse.vehicle, None, False
        self.refresh()
        return vehicle

    def authorize(self, evse: Evse, authorization: Authorization) -> None:
        """Someone may charge: start now if the cable is in, else wait for it. Too late if someone else does."""
        if evse.session:
            return
        evse.authorization = authorization
        self._start_if_ready(evse, trigger=authorization.trigger)

    def _start_if_ready(self, evse: Evse, *, trigger: str) -> None:
        if evse.authorization and evse.vehicle and not evse.session and not evse.fault:
            self._start(evse, evse.authorization, trigger)
        self.refresh()

    def _start(self, evse: Evse, authorization: Authorization, trigger: str) -> None:
        key = str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
        session = Session(
            key=key,
            evse_number=evse.number,
            token=authorization.token,
            started_at=self.now,
            meter_start_wh=round(evse.meter.import_wh),
            trigger="RemoteStart" if authorization.trigger == "RemoteStart" else trigger,
            group=authorization.group,
            remote_start_id=authorization.remote_start_id,
            reservation_id=self._used_reservation(evse, authorization),
        )
        evse.session, evse.authorization, evse.finished = session, None, False
        if authorization.profile:
            self.profiles.install(bound(authorization.profile, evse_number=evse.number, session_key=key))
        self._plan_sample(session)
        self.reporter.started(session)

    def _used_reservation(self, evse: Evse, authorization: Authorization) -> int | None:
        reservation = evse.reservation
        if reservation is None or not reservation.fits(authorization.token, authorization.group):
            return None
        evse.reservation = None
        return reservation.reservation_id

    def end(self, session: Session, reason: str, *, stop_token: Token | None = None) -> None:
        """End the transaction (reasons in 2.0.1's words); nothing happens if it has ended."""
        evse = self.evses[session.evse_number]
        if evse.session is not session:
            return
        self._flow(evse, 0)
        evse.session, evse.finished, evse.meter.power_w = None, True, 0.0
        session.ended_at, session.reason, session.stop_token = self.now, reason, stop_token
        self.reporter.ended(session)
        self.profiles.drop_session(session.key)
        if evse.inoperative_after_session:
            evse.operative, evse.inoperative_after_session = False, False
        self.refresh()

    # What the operator asks

    def sessions(self) -> list[Session]:
        """The running transactions."""
        return [evse.session for evse in self.evses.values() if evse.session]

    def session_by_id(self, transaction_id: str) -> Session | None:
        """The running transaction with this id."""
        return next((s for s in self.sessions() if s.transaction_id == transaction_id), None)

    def evse_for_remote_start(self, number: int | None, token: Token) -> Evse | None:
        """The EVSE asked for, or any (one with a cable in it first), if that token may start there."""
        asked = [evse for evse in self.evses.values() if number in (None, evse.number)]
        for evse in sorted(asked, key=lambda evse: evse.vehicle is None):
            mine = evse.reservation is None or evse.reservation.fits(token, None)
            if evse.session is None and mine and evse.status not in ("Faulted", "Unavailable"):
                return evse
        return None

    def install_profile(self, profile: Profile) -> None:
        """Keep a profile and obey it from now on."""
        self.profiles.install(profile)
        self.refresh()

    def reserve(self, evse: Evse, reservation: Reservation) -> str:
        """OCPP's reservation status; the same id replaces what it stood for."""
        held = evse.reservation
        if held and held.reservation_id != reservation.reservation_id:
            return "Occupied"
        if held is None and evse.status != "Available":
            return evse.status if evse.status in ("Faulted", "Unavailable") else "Occupied"
        self.cancel_reservation(reservation.reservation_id)
        evse.reservation = reservation
        self.refresh()
        return "Accepted"

    def cancel_reservation(self, reservation_id: int) -> bool:
        """Whether there was one of that id."""
        for evse in self.evses.values():
            if evse.reservation and evse.reservation.reservation_id == reservation_id:
                evse.reservation = None
                self.refresh()
                return True
        return False

    def set_operative(self, evse: Evse, operative: bool) -> bool:
        """Take into or out of service; False if a running transaction goes first."""
        if evse.session and not operative:
            evse.inoperative_after_session = True
            return False
        evse.operative, evse.inoperative_after_session = operative, False
        self.refresh()
        return True

    def set_fault(self, evse: Evse, code: str | None) -> None:
        """A fault appears (OCPP 1.6 error code) or goes away."""
        evse.fault = code
        self.refresh()


def _next_multiple(moment: datetime, step_s: int) -> datetime:
    timestamp = moment.timestamp()
    return moment + timedelta(seconds=step_s - timestamp % step_s)
