"""Step functions: [(from when, value)], each value holds until the next."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

Steps = list[tuple[datetime, float]]


def replanned(plans: Iterable[Steps]) -> Steps:
    """Plans made one after the other as one curve: each holds from its first moment on."""
    whole: Steps = []
    for plan in plans:
        if plan:
            whole = [step for step in whole if step[0] < plan[0][0]] + plan
    return whole


def settled(curve: Steps, least: timedelta) -> Steps:
    """The curve without what held for less than ``least``: nobody followed it."""
    ends = [at for at, _value in curve[1:]]
    kept = [step for step, end in zip(curve, ends, strict=False) if end - step[0] >= least]
    return kept + curve[-1:]


def summed(curves: Sequence[Steps]) -> Steps:
    """The sum of several curves; before its first step a curve adds nothing."""
    moments = sorted({at for curve in curves for at, _value in curve})
    return [(at, sum(value_at(curve, at) or 0.0 for curve in curves)) for at in moments]


def combined(first: Steps, second: Steps, sign: int) -> Steps:
    """``first`` plus (or minus) ``second``, at the moments of ``second``."""
    return [(at, (value_at(first, at) or 0.0) + sign * value) for at, value in second]


def cut(curve: Steps, start: datetime, end: datetime) -> Steps:
    """The curve in [start, end), with the value that holds at its start."""
    inside = [step for step in curve if start <= step[0] < end]
    held = value_at(curve, start)
    if held is None or (inside and inside[0][0] == start):
        return inside
    return [(start, held), *inside]


def value_at(curve: Steps, at: datetime) -> float | None:
    """What holds at a moment; None before the first step."""
    index = bisect_right(curve, at, key=lambda step: step[0]) - 1
    return curve[index][1] if index >= 0 else None
