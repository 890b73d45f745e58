"""What chargers were told, what they took of it and what they said they follow: slot by slot, with a few queries."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Max, Q

from chargepoints.domain.command import CommandStatus
from chargepoints.domain.profile_limits import Adaptation
from chargepoints.models import ChargingProfile, CompositeSchedule, Transaction
from gridops.services.ledger.facts import Answer, Span
from gridops.services.steps import Steps

# A limit that comes in the last minute of a slot is for the next one.
_TOO_LATE = timedelta(minutes=1)
# A charger is asked for its schedule after each new plan, at most every quarter hour: an older answer may still hold.
_READ_WITHIN = timedelta(hours=6)
# Before anything that was told to a session.
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_ANSWERS = {
    CommandStatus.ACCEPTED: Answer.ACCEPTED,
    CommandStatus.REJECTED: Answer.REFUSED,
    CommandStatus.FAILED: Answer.FAILED,
}


class Said(NamedTuple):
    """What a session's charger was told for a slot. Powers W, None where nothing was."""

    commanded_w: float | None = None
    answer: Answer = Answer.NOTHING_SENT
    accepted_w: float | None = None
    read_back_w: float | None = None


@dataclass(frozen=True, slots=True)
class _Profile:
    """A profile on its way: when it was made, when it went out, when the charger took it."""

    created_at: datetime
    starts_at: datetime
    valid_to: datetime | None
    periods: Sequence[Sequence[float]]
    status: CommandStatus
    sent_at: datetime | None
    settled_at: datetime | None

    @property
    def taken_at(self) -> datetime | None:
        return self.settled_at if self.status == CommandStatus.ACCEPTED else None


@dataclass
class _Told:
    """All that was told to one session, oldest first, and what holds without it."""

    profiles: list[_Profile] = field(default_factory=list)
    default_sent_w: float | None = None
    default_taken_w: float | None = None
    default_answer: Answer = Answer.NOTHING_SENT


def said(transactions: Sequence[Transaction], slots: Sequence[Span]) -> dict[int, list[Said]]:
    """By transaction: what its charger was told for each of the slots."""
    if not slots or not transactions:
        return {}
    told = _told(transactions, slots[-1].end)
    read = _read_back(transactions, slots)
    return {row.pk: _by_slot(told[row.pk], read.get(row.evse_id or 0, []), slots) for row in transactions}


# --- rows -------------------------------------------------------------------------------------------------------------

_FIELDS = (
    "charge_point_id",
    "transaction_id",
    "starts_at",
    "valid_to",
    "periods",
    "planned_periods",
    "adaptations",
    "command__created_at",
    "command__status",
    "command__sent_at",
    "command__settled_at",
)


def _told(transactions: Sequence[Transaction], end: datetime) -> dict[int, _Told]:
    found: dict[int, _Told] = {row.pk: _Told() for row in transactions}
    defaults = _defaults(transactions, end)
    for row in transactions:
        if default := defaults.get(row.charge_point_id):
            _put_default(found[row.pk], default)
    rows = ChargingProfile.objects.filter(transaction__in=list(found), command__created_at__lt=end)
    # What a newer one took the place of while it waited did not reach the charger either.
    rows = rows.exclude(command__status=CommandStatus.CANCELLED).order_by("pk")
    for values in rows.values_list(*_FIELDS):
        found[values[1]].profiles.append(_profile(values))
    return found


def _profile(values: tuple[Any, ...]) -> _Profile:
    _point, _tx, starts_at, valid_to, periods, planned, adaptations, created_at, status, sent_at, settled_at = values
    by_message = Adaptation.BY_MESSAGE in adaptations.split(",")
    told = planned if by_message and planned else periods
    return _Profile(created_at, starts_at, valid_to, told, CommandStatus(status), sent_at, settled_at)


def _defaults(transactions: Sequence[Transaction], end: datetime) -> dict[int, _Profile]:
    """The newest safe default of each charge point that was on its way before ``end``."""
    points = {row.charge_point_id for row in transactions}
    rows = ChargingProfile.objects.filter(
        Q(charge_point__in=points, transaction=None, purpose=ChargingProfile.Purpose.TX_DEFAULT),
        command__created_at__lt=end,
    ).exclude(command__status__in=(CommandStatus.SUPERSEDED, CommandStatus.CANCELLED))
    newest = rows.order_by().values("charge_point").annotate(newest=Max("pk")).values("newest")
    found = ChargingProfile.objects.filter(pk__in=newest).values_list(*_FIELDS)
    return {values[0]: _profile(values) for values in found}


def _put_default(told: _Told, default: _Profile) -> None:
    watts = default.periods[0][1] if default.periods else None
    told.default_sent_w = watts if default.sent_at else None
    told.default_taken_w = watts if default.taken_at else None
    told.default_answer = _answer(default, default.settled_at or default.created_at)


# --- slots ------------------------------------------------------------------------------------------------------------


def _by_slot(told: _Told, read: Sequence[_Schedule], slots: Sequence[Span]) -> list[Said]:
    end = slots[-1].end
    commanded = means(_curve(told.profiles, lambda one: one.sent_at, told.default_sent_w, end), slots)
    accepted = means(_curve(told.profiles, lambda one: one.taken_at, told.default_taken_w, end), slots)
    found = []
    for slot, commanded_w, accepted_w in zip(slots, commanded, accepted, strict=True):
        leading = _leading(told.profiles, slot)
        answer = _answer(leading, slot.end) if leading else told.default_answer
        since = leading.taken_at if leading else None
        found.append(Said(commanded_w, answer, accepted_w, _read(read, slot, since)))
    return found


def _leading(profiles: Sequence[_Profile], slot: Span) -> _Profile | None:
    """The newest that was to hold in the slot."""
    until = max(slot.end - _TOO_LATE, slot.start)
    for one in reversed(profiles):
        if one.created_at < until and one.starts_at < slot.end and (one.valid_to is None or one.valid_to > slot.start):
            return one
    return None


def _answer(profile: _Profile, at: datetime) -> Answer:
    """What had become of it by then. A late answer is none for the slot."""
    if profile.sent_at is None or profile.sent_at > at:
        return Answer.NOT_REACHED
    if profile.settled_at is None or profile.settled_at > at:
        return Answer.NO_ANSWER
    return _ANSWERS.get(profile.status, Answer.NO_ANSWER)


def _curve(
    profiles: Iterable[_Profile], since: Callable[[_Profile], datetime | None], without_w: float | None, end: datetime
) -> Steps:
    """What held from when on: each profile from its moment, over what the ones before it said."""
    curve: Steps = []
    reached = [(at, one) for one in profiles if (at := since(one)) is not None]
    for at, one in sorted(reached, key=lambda pair: pair[0]):
        steps = _steps(one, at, without_w, end)
        while steps and curve and curve[-1][0] >= steps[0][0]:
            curve.pop()
        curve += steps
    return curve if without_w is None else [(_EVER, without_w), *curve]


def _steps(profile: _Profile, at: datetime, without_w: float | None, end: datetime) -> Steps:
    steps: Steps = []
    if profile.valid_to and at >= profile.valid_to:
        return steps
    for start_s, limit_w in profile.periods:
        moment = profile.starts_at + timedelta(seconds=start_s)
        if moment >= end or (profile.valid_to and moment >= profile.valid_to):
            break
        if moment <= at:
            steps = [(at, limit_w)]
        else:
            steps.append((moment, limit_w))
    if profile.valid_to and profile.valid_to < end and without_w is not None:
        steps.append((profile.valid_to, without_w))
    return steps


def means(curve: Steps, slots: Sequence[Span]) -> list[float | None]:
    """The mean of a step curve over each slot, W; None where it says nothing, of a part where it says little."""
    found, index, last = [], -1, len(curve) - 1
    for slot in slots:
        while index < last and curve[index + 1][0] <= slot.start:
            index += 1
        is_flat = index == last or curve[index + 1][0] >= slot.end
        if is_flat:
            found.append(curve[index][1] if index >= 0 else None)
        else:
            found.append(_mean(curve, max(index, 0), slot))
    return found


def _mean(curve: Steps, first: int, slot: Span) -> float:
    inside = list(takewhile(lambda step: step[0] < slot.end, islice(curve, first, None)))
    starts = [max(at, slot.start) for at, _watts in inside]
    lengths = [(end - start).total_seconds() for start, end in pairwise([*starts, slot.end])]
    return sum(watts * length for (_at, watts), length in zip(inside, lengths, strict=True)) / sum(lengths)


# --- what chargers say they follow ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Schedule:
    """A composite schedule as a charger told it."""

    read_at: datetime
    steps: Steps
    until: datetime


def _read_back(transactions: Sequence[Transaction], slots: Sequence[Span]) -> Mapping[int, list[_Schedule]]:
    """By EVSE, oldest first."""
    found: dict[int, list[_Schedule]] = defaultdict(list)
    rows = CompositeSchedule.objects.filter(
        evse__in={row.evse_id for row in transactions if row.evse_id},
        read_at__gt=slots[0].start - _READ_WITHIN,
        read_at__lt=slots[-1].end,
    ).order_by("read_at", "pk")
    for evse_id, starts_at, duration_s, periods, read_at in rows.values_list(
        "evse_id", "starts_at", "duration_s", "periods", "read_at"
    ):
        steps = [(starts_at + timedelta(seconds=start_s), limit_w) for start_s, limit_w in periods]
        found[evse_id].append(_Schedule(read_at, steps, starts_at + timedelta(seconds=duration_s)))
    return found


def _read(schedules: Sequence[_Schedule], slot: Span, since: datetime | None) -> float | None:
    """What the charger said last of the slot, unless it took another limit meanwhile."""
    index = bisect_left(schedules, slot.end, key=_read_at) - 1
    if index < 0 or since is None:
        return None
    last = schedules[index]
    return means(last.steps, [slot])[0] if last.read_at >= since and last.until > slot.start else None


_read_at = attrgetter("read_at")
