"""Charging profiles: how they stack, what follows of them, fewest periods, what a schedule allows at a moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chargepoints.domain.intents import Period

CHARGE_POINT_MAX, TX_DEFAULT, TX, EXTERNAL = "charge_point_max", "tx_default", "tx", "external"
# Each of them caps whatever a session may draw; of Tx and TxDefault only one holds at a time.
_CAPS = (CHARGE_POINT_MAX, EXTERNAL)
_CYCLES = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}


@dataclass(frozen=True)
class Profile:
    """A charging profile as a charger has it, limits in W; EVSE 0 is the whole charger.

    ``kind``: "absolute", "recurring" (with ``recurrency`` "daily" or "weekly") or "relative" (from the transaction's
    start). A "tx" profile holds for its transaction only; without an id, for whichever runs.
    """

    purpose: str
    periods: tuple[Period, ...]
    starts_at: datetime | None = None
    evse_number: int = 0
    stack_level: int = 0
    kind: str = "absolute"
    recurrency: str = "daily"
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    duration_s: int | None = None
    transaction_id: str = ""

    @property
    def is_shared(self) -> bool:
        """Whether all EVSEs of a charger share what it allows."""
        return self.purpose in _CAPS and self.evse_number == 0


@dataclass(frozen=True)
class Session:
    """The EVSE that is asked about, and the transaction that runs there (None: none does)."""

    evse_number: int
    transaction_id: str | None = None
    started_at: datetime | None = None


@dataclass(frozen=True)
class Stretch:
    """From ``start_s`` seconds on: at most ``limit_w``; None where no profile says anything."""

    start_s: int
    limit_w: float | None


def in_force(profiles: Iterable[Profile], session: Session, at: datetime) -> float | None:
    """The limit that holds at a moment, None where no profile says anything.

    Sources: OCPP 1.6 section 3.13, OCPP 2.0.1 part 2 K (K01.FR.16 to .22): among profiles of a purpose the highest
    stack level that says something leads, an EVSE's own before the whole charger's; a Tx profile replaces TxDefault;
    the lesser of it, the charger's maximum and external constraints holds.
    """
    known = list(profiles)
    own = _leading(known, TX, session, at)
    limits = [own if own is not None else _leading(known, TX_DEFAULT, session, at)]
    limits += [_leading(known, purpose, session, at) for purpose in _CAPS]
    return min((limit for limit in limits if limit is not None), default=None)


def composite(profiles: Iterable[Profile], session: Session, *, at: datetime, duration_s: int) -> tuple[Stretch, ...]:
    """What ``in_force`` says from ``at`` on for ``duration_s`` seconds, one stretch for each change."""
    known = list(profiles)
    end = at + timedelta(seconds=duration_s)
    moments = {at}
    for profile in known:
        moments.update(moment for moment in _edges(profile, session, at, end) if at < moment < end)
    stretches: list[Stretch] = []
    for moment in sorted(moments):
        limit = in_force(known, session, moment)
        if not stretches or stretches[-1].limit_w != limit:
            stretches.append(Stretch(int((moment - at).total_seconds()), limit))
    return tuple(stretches)


def _leading(profiles: Iterable[Profile], purpose: str, session: Session, at: datetime) -> float | None:
    mine = [one for one in profiles if one.purpose == purpose and _concerns(one, session)]
    for profile in sorted(mine, key=lambda one: (one.stack_level, one.evse_number != 0), reverse=True):
        limit = _said(profile, session, at)
        if limit is not None:
            return limit
    return None


def _concerns(profile: Profile, session: Session) -> bool:
    if profile.evse_number not in (0, session.evse_number):
        return False
    if profile.purpose != TX:
        return True
    return session.transaction_id is not None and profile.transaction_id in ("", session.transaction_id)


def _said(profile: Profile, session: Session, at: datetime) -> float | None:
    """What a profile says at a moment: None outside its validity, before its first period, after its duration."""
    if (profile.valid_from and at < profile.valid_from) or (profile.valid_to and at >= profile.valid_to):
        return None
    base = _base(profile, session, at)
    if base is None or at < base:
        return None
    elapsed_s = (at - base).total_seconds()
    if profile.duration_s is not None and elapsed_s >= profile.duration_s:
        return None
    return limit_at(profile.periods, elapsed_s)


def _base(profile: Profile, session: Session, at: datetime) -> datetime | None:
    """The moment from which a profile's periods count: its start, its last recurrence, the transaction's start."""
    if profile.kind == "relative" or profile.starts_at is None:
        return session.started_at
    if profile.kind == "recurring" and at >= profile.starts_at:
        cycle = _CYCLES[profile.recurrency]
        return profile.starts_at + (at - profile.starts_at) // cycle * cycle
    return profile.starts_at


def _edges(profile: Profile, session: Session, start: datetime, end: datetime) -> list[datetime]:
    """The moments at which a profile may say something else."""
    offsets_s = [0, *(period.start_s for period in profile.periods)]
    offsets_s += [profile.duration_s] if profile.duration_s is not None else []
    edges = [base + timedelta(seconds=offset) for base in _bases(profile, session, start, end) for offset in offsets_s]
    return edges + [moment for moment in (profile.valid_from, profile.valid_to) if moment is not None]


def _bases(profile: Profile, session: Session, start: datetime, end: datetime) -> list[datetime]:
    base = _base(profile, session, start)
    if base is None:
        return []
    bases = [base]
    while profile.kind == "recurring" and bases[-1] < end:
        bases.append(bases[-1] + _CYCLES[profile.recurrency])
    return bases


def merged(periods: Sequence[Period], *, step_w: float = 1.0) -> tuple[Period, ...]:
    """The same schedule in the fewest periods: neighbours closer than ``step_w`` become one."""
    result: list[Period] = []
    for period in periods:
        if result and abs(result[-1].limit_w - period.limit_w) < step_w and result[-1].phases == period.phases:
            continue
        result.append(period)
    return tuple(result)


def limit_at(periods: Sequence[Period], offset_s: float) -> float | None:
    """The limit in W that holds ``offset_s`` seconds after the schedule's start; None before its first period."""
    limit: float | None = None
    for period in periods:
        if period.start_s > offset_s:
            break
        limit = period.limit_w
    return limit


def energy_wh(periods: Sequence[Period], duration_s: int) -> float:
    """Energy that a schedule allows over its duration."""
    ends = [period.start_s for period in periods[1:]] + [duration_s]
    return sum(
        period.limit_w * max(0, min(end, duration_s) - period.start_s) / 3600
        for period, end in zip(periods, ends, strict=True)
    )
