"""Why the plan does what it does right now, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from chargepoints.domain.quarters import QUARTER, quarter_start
from smac import notices, selectors, words
from smac.models import ChargingNeed, PlannedCurve
from smac.optimisation.plan import SlotReason
from smac.services import explaining
from smac.services.explaining import Stretch

# Less is the charger's own consumption, not charging.
_NOTHING_W = 50.0


@dataclass(frozen=True, slots=True)
class Explanation:
    """``sentence`` tells why the power is what it is; ``resumes_at``: when power flows next, while none does now."""

    sentence: str
    power_w: float
    tells_when: bool = False  # the sentence itself says when power flows again
    resumes_at: datetime | None = None
    substitutes: tuple[str, ...] = ()  # what stands in for forecasts that nobody told, in sentences
    soc_end: float | None = None  # what the battery will hold when the vehicle leaves, in per cent
    expected_cost: Decimal | None = None  # what all of the session will have cost
    stretches: tuple[Stretch, ...] = ()  # the plan from its run on, by what bound it

    @property
    def is_waiting(self) -> bool:
        return abs(self.power_w) < _NOTHING_W and self.resumes_at is not None


def of(*, need: ChargingNeed, zone: str, now: datetime) -> Explanation | None:
    """The reason that holds at a moment; None before there is a plan. ``zone`` is the location's."""
    curve = selectors.latest_curve(need=need)
    if curve is None:
        return None
    starts = [datetime.fromisoformat(start) for start in curve.run.slot_starts]
    index = _slot_at(starts, now)
    if index is None or index >= len(curve.power_w):
        return None
    return Explanation(
        sentence=words.sentence(curve.reason, zone=zone),
        power_w=curve.power_w[index],
        tells_when=bool(curve.reason.get("waits")),
        resumes_at=_resumes_at(starts, curve.power_w, index),
        substitutes=tuple(notices.of_forecasts(curve.run)),
        soc_end=_soc_end(curve),
        expected_cost=curve.expected_cost,
        stretches=tuple(one for one in explaining.stretches(curve=curve) if one.ends_at > now),
    )


def _soc_end(curve: PlannedCurve) -> float | None:
    there = [soc for soc, why in zip(curve.soc_percent, curve.reasons, strict=False) if why != SlotReason.AWAY]
    return there[-1] if there else None


def _slot_at(starts: Sequence[datetime], now: datetime) -> int | None:
    """The slot that holds at a moment: the last one that has begun."""
    begun = [index for index, start in enumerate(starts) if start <= now]
    if not begun or now >= quarter_start(starts[begun[-1]]) + QUARTER:
        return None
    return begun[-1]


def _resumes_at(starts: Sequence[datetime], power_w: Sequence[float], index: int) -> datetime | None:
    later = zip(starts[index + 1 :], power_w[index + 1 :], strict=False)
    return next((start for start, power in later if abs(power) >= _NOTHING_W), None)
