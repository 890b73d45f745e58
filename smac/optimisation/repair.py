"""Brings the first slots to what a charger can do: a current of at least 6 A, or a pause.

Rounding alone was wrong by up to 3 euro and still left violations, so the choice "charge or pause" is solved with
binaries, but only for the slots that are sent next; later slots are repaired when they come first.
"""

from __future__ import annotations

import pulp

from .adapter import LE, value_of
from .model import KILO, Model

# The running slot and the one that follows it: no plan is older than one slot.
FIRST_SLOTS = 2
# A watt below the minimum is a rounding matter, not a violation.
_NEAR_KW = 0.001


def below_minimum(model: Model) -> bool:
    """Whether any vehicle would charge with less than its minimum in the first slots."""
    for vehicle in model.vehicles:
        least = vehicle.session.min_charge_w / KILO
        for _, column in zip(_first(vehicle.plugged()), vehicle.charge, strict=False):
            if _NEAR_KW < value_of(column) < least - _NEAR_KW:
                return True
    return False


def keep_minimum_or_pause(model: Model) -> None:
    """Adds the choice for every vehicle with a minimum."""
    for number, vehicle in enumerate(model.vehicles):
        least = vehicle.session.min_charge_w / KILO
        if not least:
            continue
        for slot, column in zip(_first(vehicle.plugged()), vehicle.charge, strict=False):
            choice = model.program.variable(f"on_{number}_{slot}", 0, 1, whole=True)
            model.program.row(f"least_{number}_{slot}", {choice: least, column: -1.0}, LE, 0.0)
            model.program.row(f"most_{number}_{slot}", {column: 1.0, choice: -(column.upBound or 0.0)}, LE, 0.0)
            _let_bursts_be_even(model, number, slot, choice, least)


def _let_bursts_be_even(model: Model, number: int, slot: int, choice: pulp.LpVariable, least: float) -> None:
    """Charging with the minimum counts as even for the vehicle itself.

    Else a basic vehicle that needs less than the minimum would pause in every plan's first slots and put it off again.
    """
    row = model.program.problem.get_constraint_by_name(f"even_{number}_{slot}")
    if row is not None:
        row.expr[choice] = -least


def _first(plugged: range) -> range:
    return range(plugged.start, min(plugged.stop, FIRST_SLOTS)) if plugged.start < FIRST_SLOTS else range(0)
