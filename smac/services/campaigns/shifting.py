"""Arithmetic of an offer: powers by quarter hour, energies, money. Pure. Powers W, energies Wh."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

HOURS = 0.25
_CENT = Decimal("0.01")


def energy_wh(shifts_w: Sequence[float]) -> float:
    """The energy of powers by quarter hour."""
    return sum(shifts_w) * HOURS


def shifts_w(baseline_w: Sequence[float], promised_w: Sequence[float], *, is_less: bool) -> list[float]:
    """By how much each quarter is moved in the wanted direction; one that goes the other way counts as nothing."""
    sign = 1 if is_less else -1
    return [max(sign * (base - kept), 0.0) for base, kept in zip(baseline_w, promised_w, strict=True)]


def within_room(shifts: Sequence[float], room_w: Sequence[float]) -> list[float]:
    """Not more in a quarter than is still wanted in it."""
    return [min(shift, max(room, 0.0)) for shift, room in zip(shifts, room_w, strict=True)]


def cut_to(shifts: Sequence[float], most_wh: float) -> list[float]:
    """The first quarters up to an energy; what is beyond it falls away."""
    left, found = max(most_wh, 0.0), []
    for shift in shifts:
        kept = min(shift, left / HOURS)
        left -= kept * HOURS
        found.append(kept)
    return found


def moved_w(baseline_w: Sequence[float], shifts: Sequence[float], *, is_less: bool) -> list[float]:
    """The powers that the shifts lead to, whole watts."""
    sign = -1 if is_less else 1
    return [float(round(base + sign * shift)) for base, shift in zip(baseline_w, shifts, strict=True)]


def incentive(energy: float, per_kwh: Decimal) -> Decimal:
    """What moving so much energy earns, to the cent."""
    return (Decimal(round(energy)) / 1000 * per_kwh).quantize(_CENT, rounding=ROUND_HALF_UP)


def affordable_wh(money: Decimal, per_kwh: Decimal) -> int:
    """The energy that an amount pays for; so much costs no more than it, rounded as `incentive` rounds."""
    return int((max(money, Decimal(0)) / per_kwh * 1000).to_integral_value(rounding=ROUND_DOWN))


def delivered_wh(
    baseline_w: Sequence[float], promised_w: Sequence[float], measured_w: Sequence[float | None], *, is_less: bool
) -> int:
    """What was moved by the meter: in each quarter not more than was promised, less where it went the other way.

    A quarter that no meter tells, or in which the session was not there from its start to its end, proves nothing.
    """
    sign = 1 if is_less else -1
    total_w = 0.0
    for base, promise, shown in zip(baseline_w, promised_w, measured_w, strict=False):
        if shown is not None:
            total_w += min(sign * (base - shown), max(sign * (base - promise), 0.0))
    return max(round(total_w * HOURS), 0)
