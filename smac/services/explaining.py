"""Why each part of a session's plan looks as it does, in words. What a run had to do without: smac/notices.py."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from smac import words
from smac.models import PlannedCurve
from smac.optimisation.plan import SlotReason
from smac.slots import SLOT, floor


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring slots that the same reason bound. Powers in W, `price` the least and the most, per kWh.

    `reason` is data (a SlotReason), `label` the same in a word or two of the reader's language.
    """

    starts_at: datetime
    ends_at: datetime
    reason: str
    label: str
    least_w: float
    most_w: float
    price: tuple[float, float] | None = None


def stretches(*, curve: PlannedCurve) -> list[Stretch]:
    """The plan of a session from its run on, as long as the vehicle is there."""
    starts = [datetime.fromisoformat(text) for text in curve.run.slot_starts]
    ends = [*starts[1:], *(floor(start) + SLOT for start in starts[-1:])]
    prices = curve.run.series.get("price") or [None] * len(starts)
    found: list[Stretch] = []
    for start, end, reason, power, price in zip(starts, ends, curve.reasons, curve.power_w, prices, strict=False):
        if reason != SlotReason.AWAY:
            one = Stretch(start, end, reason, words.slot_label(reason), power, power, (price, price) if price else None)
            found[-1:] = _joined(found[-1], one) if found else [one]
    return found


def _joined(last: Stretch, one: Stretch) -> list[Stretch]:
    if (last.reason, last.ends_at) != (one.reason, one.starts_at):
        return [last, one]
    prices = [value for pair in (last.price, one.price) if pair for value in pair]
    return [
        Stretch(
            last.starts_at,
            one.ends_at,
            one.reason,
            one.label,
            min(last.least_w, one.least_w),
            max(last.most_w, one.most_w),
            (min(prices), max(prices)) if prices else None,
        )
    ]
