"""The ledger of an order as a whole: each charge point through all slots, and what it comes to."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from chargepoints.models import ChargePoint
from gridops.services.ledger.facts import SILENT, Answer, Reason, Row, Span, Sum, Verdict, whole
from smac.models import FlexOrder


@dataclass(frozen=True)
class PointBook:
    """One charge point through all slots."""

    point: ChargePoint
    rows: list[Row]

    @cached_property
    def counted(self) -> list[Row]:
        return [row for row in whole(self.rows) if isinstance(row, Row)]

    @property
    def kept(self) -> int:
        return sum(row.verdict == Verdict.KEPT for row in self.counted)

    @cached_property
    def excess_wh(self) -> float:
        return sum(row.excess_wh for row in self.rows)

    @cached_property
    def reasons(self) -> list[Reason]:
        """What there is to explain, the most frequent first; of slots that were kept, only an answer that was none."""
        counts: dict[Reason, int] = defaultdict(int)
        for row in self.rows:
            if row.reason not in _NOTHING_TO_EXPLAIN:
                counts[row.reason] += 1
            elif row.has_session and (named := _BY_ANSWER.get(row.answer)):
                counts[named] += 1
        return sorted(counts, key=lambda one: -counts[one])

    @property
    def is_silent(self) -> bool:
        return any(one in SILENT for one in self.reasons)

    @property
    def has_refused(self) -> bool:
        return Reason.REFUSED in self.reasons

    @property
    def rank(self) -> tuple[bool, float, bool, bool, str]:
        """Those with something to explain first, the worst of them before the others; then who charged."""
        failed = len(self.counted) - self.kept
        return not failed, -self.excess_wh, not self.reasons, not self.counted, self.point.identity


_NOTHING_TO_EXPLAIN = (Reason.NONE, Reason.NO_SESSION, Reason.WITHIN_FLOOR, Reason.WITHIN_SUM, Reason.AS_TOLD)
# A limit that did not arrive is told, also where little was drawn by luck.
_BY_ANSWER = {
    Answer.NOT_REACHED: Reason.OFFLINE,
    Answer.NO_ANSWER: Reason.NO_ANSWER,
    Answer.REFUSED: Reason.REFUSED,
    Answer.FAILED: Reason.UNABLE,
}


@dataclass(frozen=True)
class Ledger:
    """What an order came to at the charge points that somebody may see.

    ``share``: their part of a limit for all together, by installed power, where the order reaches others, too.
    """

    order: FlexOrder
    slots: list[Span]
    books: list[PointBook]
    sums: list[Sum] = field(default_factory=list)
    share: float = 1.0

    @cached_property
    def counted(self) -> Sequence[Row | Sum]:
        """What compliance is counted by: slots of all together under a sum's limit, else of each charge point."""
        if self.order.scope == FlexOrder.Scope.TOGETHER:
            return whole(self.sums)
        return [row for book in self.books for row in book.counted]

    @property
    def kept(self) -> int:
        return sum(row.verdict == Verdict.KEPT for row in self.counted)

    @property
    def exceeded(self) -> int:
        return sum(row.verdict == Verdict.EXCEEDED for row in self.counted)

    @property
    def unproven(self) -> int:
        return sum(row.verdict == Verdict.UNPROVEN for row in self.counted)

    @property
    def share_percent(self) -> float | None:
        """Slots that were kept, of those with a session, rounded down: all means all. None without any."""
        return math.floor(1000 * self.kept / len(self.counted)) / 10 if self.counted else None

    @property
    def share_decimals(self) -> int:
        return int((self.share_percent or 0) % 1 > 0)

    @property
    def excess_wh(self) -> float:
        return sum(row.excess_wh for row in self.counted)

    @property
    def silent(self) -> list[PointBook]:
        return [book for book in self.books if book.is_silent]

    @property
    def refused(self) -> list[PointBook]:
        return [book for book in self.books if book.has_refused]

    @property
    def is_running(self) -> bool:
        return bool(self.slots) and self.slots[-1].is_running
