"""Charging profiles: fewest periods, and what a schedule allows at a moment."""

from collections.abc import Sequence

from chargepoints.domain.intents import Period


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
