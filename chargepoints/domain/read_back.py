"""The schedule that a charger says it follows, against the one that follows of its profiles."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from chargepoints.domain.charging_profile import Stretch, limit_at
from chargepoints.domain.intents import Period

VOLTS = 230.0
# A schedule has one decimal and a charger rounds: that far two limits are the same.
_TOLERANCE_SHARE, _TOLERANCE_W = 0.02, 100.0
# Below 6 A a charger pauses (IEC 61851-1): whatever is less is off.
_LEAST_A = 6.0
# Edges may lie this far apart: clocks are not the same, and seconds are rounded.
_BLINK_S = 90


@dataclass(frozen=True)
class Hardware:
    """What bounds an EVSE whatever it is told."""

    max_power_w: float
    max_discharge_w: float = 0.0
    min_power_w: float = 0.0
    phases: int = 3

    @property
    def least_w(self) -> float:
        """Less than this is a pause."""
        return self.min_power_w or _LEAST_A * VOLTS * self.phases


@dataclass(frozen=True)
class Difference:
    """The largest distance between the two schedules, and where it begins."""

    start_s: int
    expected_w: float
    told_w: float

    @property
    def distance_w(self) -> float:
        return abs(self.expected_w - self.told_w)


def difference(
    expected: Sequence[Stretch],
    told: Sequence[tuple[int, float]],
    *,
    duration_s: int,
    hardware: Hardware,
    in_ampere: bool = False,
    shared_by: int = 1,
) -> Difference | None:
    """Where the two differ most; None where they agree, or where the charger told nothing to compare.

    ``told``: (seconds from the same moment, limit in W). ``in_ampere``: it told currents: whole ones count as equal.
    ``shared_by``: so many EVSEs may share a limit of the whole charger: less than it is no difference.
    """
    if not told:
        return None
    schedule = [Period(start_s, limit_w) for start_s, limit_w in sorted(told)]
    found: Difference | None = None
    for start_s, end_s in _segments(expected, schedule, duration_s):
        middle = (start_s + end_s) / 2
        here, there = _expected_w(expected, middle, hardware), limit_at(schedule, middle)
        if there is None or end_s - start_s <= _BLINK_S:
            continue
        one = Difference(start_s, here, _bounded(there, hardware))
        if not _agree(one, hardware, in_ampere, shared_by) and (found is None or one.distance_w > found.distance_w):
            found = one
    return found


def _segments(expected: Sequence[Stretch], told: Sequence[Period], duration_s: int) -> list[tuple[int, int]]:
    edges = {0, duration_s} | {one.start_s for one in expected} | {one.start_s for one in told}
    ordered = sorted(edge for edge in edges if 0 <= edge <= duration_s)
    return list(itertools.pairwise(ordered))


def _expected_w(expected: Sequence[Stretch], offset_s: float, hardware: Hardware) -> float:
    limit = [one.limit_w for one in expected if one.start_s <= offset_s][-1]
    return hardware.max_power_w if limit is None else _bounded(limit, hardware)


def _bounded(limit_w: float, hardware: Hardware) -> float:
    return max(min(limit_w, hardware.max_power_w), -hardware.max_discharge_w)


def _agree(one: Difference, hardware: Hardware, in_ampere: bool, shared_by: int) -> bool:
    tolerance = max(_TOLERANCE_W, abs(one.expected_w) * _TOLERANCE_SHARE)
    if in_ampere:
        tolerance = max(tolerance, VOLTS * hardware.phases)
    if one.distance_w <= tolerance:
        return True
    if max(one.expected_w, one.told_w) < hardware.least_w and min(one.expected_w, one.told_w) > -tolerance:
        return True
    return shared_by > 1 and one.expected_w / shared_by - tolerance <= one.told_w <= one.expected_w
