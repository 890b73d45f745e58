"""What a slot's figures mean: kept or not, and why. Pure: facts in, words out."""

from __future__ import annotations

from typing import NamedTuple

from gridops.services.ledger.facts import Answer, Band, Reason, Verdict

# A charger told in A meets a grid that may stand 5 % above its nominal voltage, and its meter is of class B (1 %, EN
# 50470): so much, or at least this, is within what can be told.
TOLERANCE_PERCENT = 5
TOLERANCE_W = 100


class Facts(NamedTuple):
    """What is known of one charge point in one slot. Powers W."""

    band: Band
    ordered_w: float
    is_over: bool
    has_session: bool
    is_offline: bool
    can_limit: bool
    answer: Answer
    commanded_w: float | None
    measured_w: float | None
    # The least that car and charger can be told, other than a pause.
    minimum_w: float = 0.0


def tolerance_w(watts: float) -> float:
    return max(abs(watts) * TOLERANCE_PERCENT / 100, TOLERANCE_W)


def deviation_w(band: Band, measured_w: float | None) -> float:
    """How far above the band, below zero: how far below it; to the watt."""
    if measured_w is None:
        return 0.0
    if band.most_w is not None and measured_w > band.most_w:
        return measured_w - band.most_w
    if band.least_w is not None and measured_w < band.least_w:
        return measured_w - band.least_w
    return 0.0


def keeps(band: Band, measured_w: float) -> bool:
    """Whether a measured power is within the band, as far as meters can tell."""
    above = band.most_w is not None and measured_w > band.most_w + tolerance_w(band.most_w)
    below = band.least_w is not None and measured_w < band.least_w - tolerance_w(band.least_w)
    return not (above or below)


def is_as_told(facts: Facts) -> bool:
    """Whether a charger took what it was told and draws no more."""
    if facts.answer != Answer.ACCEPTED or facts.commanded_w is None or facts.measured_w is None:
        return False
    return facts.measured_w <= facts.commanded_w + tolerance_w(facts.commanded_w)


def verdict(band: Band, measured_w: float | None, *, has_session: bool, is_over: bool) -> Verdict:
    """What became of the limit."""
    if not has_session:
        return Verdict.IDLE
    if not is_over:
        return Verdict.RUNNING
    if measured_w is None or band.most_w is None:
        return Verdict.UNPROVEN
    return Verdict.KEPT if keeps(band, measured_w) else Verdict.EXCEEDED


class Judged(NamedTuple):
    """A slot of a charge point as it counts. ``deviation_w``: above the limit, below zero: under the least."""

    verdict: Verdict
    reason: Reason
    deviation_w: float
    # What was measured is beyond the band by more than meters can be wrong.
    is_beyond: bool = False


def judge(facts: Facts) -> Judged:
    """What became of the limit, and why."""
    band, measured_w = facts.band, facts.measured_w
    if not facts.has_session:
        return Judged(Verdict.IDLE, Reason.OFFLINE if facts.is_offline else Reason.NO_SESSION, 0.0)
    if band.most_w is None or measured_w is None:
        # Of a slot that still runs the next meter value may tell.
        unmetered = Reason.NOT_METERED if facts.is_over else Reason.NONE
        reason = Reason.CONNECTION if band.most_w is None else _silence(facts) or unmetered
        return Judged(Verdict.UNPROVEN if facts.is_over else Verdict.RUNNING, reason, 0.0)
    beyond_w = deviation_w(band, measured_w)
    if not beyond_w or keeps(band, measured_w):
        return Judged(Verdict.KEPT if facts.is_over else Verdict.RUNNING, _kept(facts, measured_w), beyond_w)
    reason = Reason.DREW_LESS if beyond_w < 0 else _excess(facts)
    return Judged(Verdict.EXCEEDED if facts.is_over else Verdict.RUNNING, reason, beyond_w, is_beyond=True)


def _kept(facts: Facts, measured_w: float) -> Reason:
    above_w = measured_w - facts.ordered_w
    return Reason.WITHIN_FLOOR if above_w > 0 and above_w > tolerance_w(facts.ordered_w) else Reason.NONE


def _silence(facts: Facts) -> Reason | None:
    if facts.answer == Answer.NO_ANSWER and not facts.is_offline:
        return Reason.NO_ANSWER
    return Reason.OFFLINE if facts.is_offline or facts.answer == Answer.NOT_REACHED else None


def _excess(facts: Facts) -> Reason:
    most_w, measured_w = facts.band.most_w or 0.0, facts.measured_w or 0.0
    if silence := _silence(facts):
        return silence
    if facts.answer == Answer.REFUSED:
        return Reason.REFUSED
    if facts.answer == Answer.FAILED or not facts.can_limit:
        return Reason.UNABLE
    if most_w < facts.minimum_w and measured_w <= facts.minimum_w + tolerance_w(facts.minimum_w):
        return Reason.MINIMUM_CURRENT
    if facts.commanded_w is None:
        return Reason.NOT_COMMANDED
    is_told_more = facts.commanded_w > most_w + tolerance_w(most_w)
    return Reason.PLANNED_ABOVE if is_told_more else Reason.NOT_FOLLOWED
