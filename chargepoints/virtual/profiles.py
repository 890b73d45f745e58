"""Charging profiles as a charger keeps them: which stand, which one leads at a moment, and the composite of all.

Source: OCPP 1.6 section 3.13, OCPP 2.0.1 part 2 K (smart charging). Purposes carry the names of 2.0.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .samples import AC_VOLTAGE_V, DC_VOLTAGE_V

TX_PROFILE = "TxProfile"
TX_DEFAULT = "TxDefaultProfile"
STATION_MAX = "ChargingStationMaxProfile"
EXTERNAL = "ChargingStationExternalConstraints"
CYCLE_S = {"Daily": 86_400, "Weekly": 604_800}
# OCPP 1.6 and 2.0.1: three phases are meant where none are named.
DEFAULT_PHASES = 3


@dataclass(frozen=True)
class Period:
    """From `start_s` seconds into the schedule on, `limit` in the schedule's unit (negative: discharge)."""

    start_s: int
    limit: float
    phases: int | None = None


@dataclass(frozen=True)
class Schedule:
    """Periods in W or A, from `start` (or from the transaction's start) for `duration_s` seconds."""

    unit: str
    periods: tuple[Period, ...]
    start: datetime | None = None
    duration_s: int | None = None


@dataclass(frozen=True)
class Profile:
    """One installed profile; EVSE 0 is the whole station. `session_key` binds it to one transaction."""

    profile_id: int
    stack_level: int
    purpose: str
    kind: str
    schedule: Schedule
    recurrency: str | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    transaction_id: str | None = None
    evse_number: int = 0
    session_key: str | None = None


@dataclass(frozen=True)
class Circuit:
    """What turns amperes into watts, and the session that profiles may be bound to."""

    evse_number: int
    phases: int
    dc: bool
    max_power_w: float
    max_discharge_w: float = 0
    session_key: str | None = None
    session_started_at: datetime | None = None

    def watts_per_ampere(self, phases: int | None) -> float:
        """W for 1 A on each of the phases that both the schedule and the circuit have."""
        if self.dc:
            return DC_VOLTAGE_V
        return AC_VOLTAGE_V * min(phases or DEFAULT_PHASES, self.phases)


@dataclass(frozen=True)
class CompositePeriod:
    """From `start_s` seconds after the start of the window on, `limit_w`."""

    start_s: int
    limit_w: float


class ProfileStore:
    """The profiles installed in one charger."""

    def __init__(self) -> None:
        self._profiles: list[Profile] = []

    def __iter__(self) -> Iterator[Profile]:
        return iter(self._profiles)

    def __len__(self) -> int:
        return len(self._profiles)

    def install(self, profile: Profile) -> None:
        """Keep it, in the place of the one with the same id, or the same slot (EVSE, purpose, level, transaction)."""
        self._profiles = [old for old in self._profiles if not _replaces(profile, old)]
        self._profiles.append(profile)

    def clear(
        self,
        *,
        profile_id: int | None = None,
        evse_number: int | None = None,
        purpose: str | None = None,
        stack_level: int | None = None,
    ) -> int:
        """Remove what matches all that is given (an id alone decides); how many went."""
        found = self.matching(profile_id=profile_id, evse_number=evse_number, purpose=purpose, stack_level=stack_level)
        self._profiles = [profile for profile in self._profiles if profile not in found]
        return len(found)

    def matching(
        self,
        *,
        profile_id: int | None = None,
        evse_number: int | None = None,
        purpose: str | None = None,
        stack_level: int | None = None,
    ) -> list[Profile]:
        """The installed profiles that fit the criteria; None means any."""
        if profile_id is not None:
            return [profile for profile in self._profiles if profile.profile_id == profile_id]
        wanted = {"evse_number": evse_number, "purpose": purpose, "stack_level": stack_level}
        given = {name: value for name, value in wanted.items() if value is not None}
        return [p for p in self._profiles if all(getattr(p, name) == value for name, value in given.items())]

    def drop_session(self, session_key: str) -> None:
        """Forget the profiles of a transaction that ended."""
        self._profiles = [profile for profile in self._profiles if profile.session_key != session_key]

    def forget_all(self) -> None:
        """What some firmware does on reboot."""
        self._profiles = []

    def limit_w(self, circuit: Circuit, at: datetime, *, station_share: int = 1) -> float:
        """The power that the circuit may take at `at` (negative: must give); its own maximum where nothing is set.

        The transaction's profile leads over the default one; the station's limits cap both, shared evenly
        among `station_share` circuits in use.
        """
        limit_w = self._leading_w((TX_PROFILE,), circuit, at)
        if limit_w is None:
            limit_w = self._leading_w((TX_DEFAULT,), circuit, at)
        candidates = [circuit.max_power_w] if limit_w is None else [circuit.max_power_w, limit_w]
        for purpose in (STATION_MAX, EXTERNAL):
            cap_w = self._leading_w((purpose,), circuit, at)
            if cap_w is not None:
                candidates.append(cap_w / station_share)
        return max(min(candidates), -circuit.max_discharge_w)

    def composite(
        self, circuit: Circuit, start: datetime, duration_s: int, *, station_share: int = 1
    ) -> list[CompositePeriod]:
        """What `limit_w` will say over the window, one entry for each change."""
        end = start + timedelta(seconds=duration_s)
        moments = {start}
        for profile in self._profiles:
            moments.update(_edges(profile, circuit, start, end))
        periods: list[CompositePeriod] = []
        for moment in sorted(moments):
            limit_w = self.limit_w(circuit, moment, station_share=station_share)
            if not periods or periods[-1].limit_w != limit_w:
                periods.append(CompositePeriod(int((moment - start).total_seconds()), limit_w))
        return periods

    def _leading_w(self, purposes: tuple[str, ...], circuit: Circuit, at: datetime) -> float | None:
        ranked = sorted(
            (p for p in self._profiles if p.purpose in purposes and _concerns(p, circuit)),
            key=lambda p: (p.stack_level, p.evse_number != 0),
            reverse=True,
        )
        for profile in ranked:
            limit_w = _limit_w(profile, circuit, at)
            if limit_w is not None:
                return limit_w
        return None


def _replaces(new: Profile, old: Profile) -> bool:
    if new.profile_id == old.profile_id:
        return True
    slots = [(p.evse_number, p.purpose, p.stack_level, p.session_key) for p in (new, old)]
    return slots[0] == slots[1]


def _concerns(profile: Profile, circuit: Circuit) -> bool:
    if profile.evse_number not in (0, circuit.evse_number):
        return False
    return profile.purpose != TX_PROFILE or profile.session_key == circuit.session_key is not None


def _limit_w(profile: Profile, circuit: Circuit, at: datetime) -> float | None:
    if (profile.valid_from and at < profile.valid_from) or (profile.valid_to and at >= profile.valid_to):
        return None
    base = _base(profile, circuit, at)
    if base is None:
        return None
    elapsed_s = (at - base).total_seconds()
    duration_s = profile.schedule.duration_s
    if elapsed_s < 0 or (duration_s is not None and elapsed_s >= duration_s):
        return None
    running = [period for period in profile.schedule.periods if period.start_s <= elapsed_s]
    return _watts(profile.schedule.unit, running[-1], circuit) if running else None


def _watts(unit: str, period: Period, circuit: Circuit) -> float:
    return period.limit if unit == "W" else period.limit * circuit.watts_per_ampere(period.phases)


def _base(profile: Profile, circuit: Circuit, at: datetime) -> datetime | None:
    """The moment that `at` is counted from: the schedule's start, its last recurrence, or the transaction's start."""
    start = profile.schedule.start
    if profile.kind == "Relative" or start is None:
        return circuit.session_started_at
    if profile.kind == "Recurring" and at >= start:
        cycle_s = CYCLE_S[profile.recurrency or "Daily"]
        return start + timedelta(seconds=cycle_s * ((at - start).total_seconds() // cycle_s))
    return start


def _edges(profile: Profile, circuit: Circuit, start: datetime, end: datetime) -> Iterable[datetime]:
    offsets_s = {period.start_s for period in profile.schedule.periods}
    if profile.schedule.duration_s is not None:
        offsets_s.add(profile.schedule.duration_s)
    moments = [base + timedelta(seconds=s) for base in _bases(profile, circuit, start, end) for s in offsets_s]
    moments += [moment for moment in (profile.valid_from, profile.valid_to) if moment]
    return [moment for moment in moments if start < moment < end]


def _bases(profile: Profile, circuit: Circuit, start: datetime, end: datetime) -> list[datetime]:
    base = _base(profile, circuit, start)
    if base is None:
        return []
    if profile.kind != "Recurring":
        return [base]
    cycle = timedelta(seconds=CYCLE_S[profile.recurrency or "Daily"])
    bases = [base]
    while bases[-1] + cycle < end:
        bases.append(bases[-1] + cycle)
    return bases


def bound(profile: Profile, *, evse_number: int, session_key: str | None) -> Profile:
    """The profile at its place: the EVSE, and the transaction if it is bound to one."""
    return replace(profile, evse_number=evse_number, session_key=session_key)
