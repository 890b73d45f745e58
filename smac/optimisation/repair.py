"""Brings the first slots to what a charger can do: a current of at least 6 A, or a pause.

Rounding alone was wrong by up to 3 euro and still left violations, so the choice "charge or pause" is solved with
binaries, but only for the slots that are sent next; later slots are repaired when they come first.
"""

from __future__ import annotations

import pulp

from .adapter import LE, value_of
from .model import Model, Vehicle, may_taper
from .problem import KILO

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
    """Adds the choice for every vehicle with a minimum, and where the search for the best choices begins."""
    begin = _rounded(model)
    for number, vehicle in enumerate(model.vehicles):
        if vehicle.session.min_charge_w <= 0:
            continue
        for slot in _first(vehicle.plugged()):
            choice = model.variable(f"on_{number}_{slot}", 0, 1, whole=True)
            model.program.begin_at(choice, float((number, slot) in begin))
            _charge_or_pause(model, vehicle, number, slot, choice)
            _let_bursts_be_even(model, vehicle, number, slot, choice)
            _let_a_full_battery_take_less(model, vehicle, number, slot, choice)


def _rounded(model: Model) -> set[tuple[int, int]]:
    """Who charges in which slot when solve A's powers are rounded: the strongest first, up to what all had together.

    A search that runs out of time brings nothing worse. Left alone it may come back with a pause for everybody.
    """
    on: set[tuple[int, int]] = set()
    for slot in range(FIRST_SLOTS):
        powers = [
            (-value_of(vehicle.charge[slot - vehicle.session.first_slot]), number)
            for number, vehicle in enumerate(model.vehicles)
            if slot in vehicle.plugged()
        ]
        left = -sum(power for power, _ in powers)
        for power, number in sorted(powers):
            least = model.vehicles[number].session.min_charge_w / KILO
            if -power > _NEAR_KW and least <= left + _NEAR_KW:
                on.add((number, slot))
                left -= least
    return on


def _charge_or_pause(model: Model, vehicle: Vehicle, number: int, slot: int, choice: pulp.LpVariable) -> None:
    place = slot - vehicle.session.first_slot
    column, add = vehicle.charge[place], model.row
    add(f"least_{number}_{slot}", {choice: vehicle.session.min_charge_w / KILO, column: -1.0}, LE, 0.0)
    add(f"most_{number}_{slot}", {column: 1.0, choice: -(column.upBound or 0.0)}, LE, 0.0)
    if vehicle.discharge:
        # Or it would reach the minimum on paper, giving the rest back in the same slot.
        back = vehicle.discharge[place]
        bound = back.upBound or 0.0
        add(f"on_or_back_{number}_{slot}", {back: 1.0, choice: bound}, LE, bound)


def _let_bursts_be_even(model: Model, vehicle: Vehicle, number: int, slot: int, choice: pulp.LpVariable) -> None:
    """Charging with the minimum counts as even for the vehicle itself.

    Else a basic vehicle that needs less than the minimum would pause in every plan's first slots and put it off again.
    """
    row = model.find_row(f"even_{number}_{slot}")
    if row is not None:
        row.expr[choice] = -vehicle.session.min_charge_w / KILO


def _let_a_full_battery_take_less(
    model: Model, vehicle: Vehicle, number: int, slot: int, choice: pulp.LpVariable
) -> None:
    """Near full a battery takes less than the minimum that it is offered; a pause would keep it from its target.

    What it does not take still counts against limits, but its driver's mode does not pay for it.
    """
    if not may_taper(vehicle.session):
        return
    taken = vehicle.session.charge_efficiency * model.hours(slot)
    untaken = model.variable(f"untaken_{number}_{slot}")
    least = vehicle.session.min_charge_w / KILO * taken
    model.row(f"untaken_{number}_{slot}", {untaken: 1.0, choice: -least}, LE, 0.0)
    row = model.find_row(f"content_{number}_{slot}")
    if row is not None:
        row.expr[untaken] = 1.0
    charge = vehicle.charge[slot - vehicle.session.first_slot]
    cost = model.program.cost
    cost[untaken] = -cost.get(charge, 0.0) / taken


def _first(plugged: range) -> range:
    return range(plugged.start, min(plugged.stop, FIRST_SLOTS)) if plugged.start < FIRST_SLOTS else range(0)
