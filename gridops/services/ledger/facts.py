"""What a ledger is made of: slots, rows, sums. Powers W, energies Wh, moments aware UTC."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chargepoints.domain.quarters import QUARTER, quarter_start
from smac.models import FlexOrder

# An order that begins as it is given needs this long on its way to charger and car: what was drawn meanwhile is not
# held against anybody (IEC 61851-1 gives the car 5 s, on-board chargers and links need more).
SETTLING = timedelta(minutes=1)


class Verdict(models.TextChoices):
    """What became of the limit in a slot."""

    KEPT = "kept", _("Kept")
    EXCEEDED = "exceeded", _("Not kept")
    UNPROVEN = "unproven", _("Not proven")
    IDLE = "idle", _("No session")
    RUNNING = "running", _("Under way")


class Answer(models.TextChoices):
    """What the charger said to the newest limit that it was to have."""

    NOTHING_SENT = "nothing_sent", _("nothing to send")
    NOT_REACHED = "not_reached", _("not reached")
    NO_ANSWER = "no_answer", _("no answer")
    REFUSED = "refused", _("refused")
    FAILED = "failed", _("cannot do it")
    ACCEPTED = "accepted", pgettext_lazy("answer of a charger", "accepted")


class Reason(models.TextChoices):
    """Why a slot is as it is; empty: it was kept, there is nothing to explain."""

    NONE = "", ""
    NO_SESSION = "no_session", _("No session: nothing was drawn.")
    OFFLINE = "offline", _("Silent: the charger had no connection.")
    NO_ANSWER = "no_answer", _("Silent: the charger did not answer.")
    NOT_METERED = "not_metered", _("Silent: the charger sent no meter values.")
    REFUSED = "refused", _("The charger refused the limit.")
    UNABLE = "unable", _("The charger cannot be limited.")
    MINIMUM_CURRENT = "minimum_current", _("The limit is below the least current that a car can be told.")
    WITHIN_FLOOR = "within_floor", _("Within the floor that was left to the point.")
    PLANNED_ABOVE = "planned_above", _("More was planned: the limit could not be kept without a pause.")
    NOT_COMMANDED = "not_commanded", _("No limit was sent for this slot.")
    NOT_FOLLOWED = "not_followed", _("The charger took the limit, and the meter shows more.")
    DREW_LESS = "drew_less", _("The car took less than was asked for.")
    WITHIN_SUM = "within_sum", _("More than its share, and all together kept the limit.")
    AS_TOLD = "as_told", _("As it was told: others, or the plan, made the sum too high.")
    CONNECTION = "connection", _("The limit is for the whole connection: the vehicles' meters alone do not prove it.")


SILENT = (Reason.OFFLINE, Reason.NO_ANSWER, Reason.NOT_METERED)


@dataclass(frozen=True, slots=True)
class Span:
    """The part of a quarter hour in which the order held: [start, end)."""

    start: datetime
    end: datetime
    is_running: bool = False

    @property
    def hours(self) -> float:
        return (self.end - self.start).total_seconds() / 3600


class Band(NamedTuple):
    """What the order allows: at most ``most_w``, at least ``least_w`` (below zero: to the grid); None: no limit."""

    most_w: float | None
    least_w: float | None

    def scaled(self, share: float) -> Band:
        """Somebody's share of it."""
        return Band(*(None if watts is None else watts * share for watts in self))


class Row(NamedTuple):
    """One charge point in one slot. ``deviation_w``: above the limit; below zero: under the least.

    A tuple, as there are tens of thousands of them.
    """

    span: Span
    charge_point_id: int
    band: Band
    has_session: bool
    commanded_w: float | None
    answer: Answer
    accepted_w: float | None
    read_back_w: float | None
    measured_w: float | None
    covered_percent: int
    deviation_w: float
    verdict: Verdict
    reason: Reason

    @property
    def excess_wh(self) -> float:
        """Energy above the limit, of slots that were not kept."""
        return max(self.deviation_w, 0.0) * self.span.hours if self.verdict == Verdict.EXCEEDED else 0.0


@dataclass(frozen=True, slots=True)
class Sum:
    """All charge points together in one slot, under a limit for all together."""

    span: Span
    band: Band
    sessions: int
    commanded_w: float | None
    measured_w: float | None
    deviation_w: float
    verdict: Verdict

    @property
    def excess_wh(self) -> float:
        return max(self.deviation_w, 0.0) * self.span.hours if self.verdict == Verdict.EXCEEDED else 0.0


def spans(order: FlexOrder, now: datetime) -> list[Span]:
    """The quarter hours of the order that have begun, cut to its window; the last one may be under way."""
    begin = _judged_from(order)
    end = min(order.ends_at, order.withdrawn_at or order.ends_at)
    found, slot = [], quarter_start(begin)
    while slot < min(end, now):
        span_end = min(slot + QUARTER, end)
        if span_end > begin:
            found.append(Span(max(slot, begin), span_end, is_running=span_end > now))
        slot += QUARTER
    return found


def _judged_from(order: FlexOrder) -> datetime:
    in_time = order.created_at + SETTLING <= order.starts_at
    return order.starts_at if in_time else max(order.starts_at, order.created_at) + SETTLING


def band_of(order: FlexOrder, *, sessions: int = 1) -> Band:
    """What the order allows one charge point, or all together with so many of them charging."""
    if order.scope == FlexOrder.Scope.SUPPLY:
        return Band(None, None)
    floor_w = order.floor_w * (sessions if order.scope == FlexOrder.Scope.TOGETHER else 1)
    most_w = -order.wanted_export_w if order.wanted_export_w else max(order.max_power_w, floor_w)
    return Band(float(most_w), float(order.min_power_w or (-order.max_export_w if order.v2g else 0)))


def whole(rows: Sequence[Row | Sum]) -> list[Row | Sum]:
    """The slots that count: somebody charged, and they are over."""
    return [row for row in rows if row.verdict not in (Verdict.IDLE, Verdict.RUNNING)]
