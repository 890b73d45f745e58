"""What is good: one cost for each mode, scaled to each other and summed.

Everything is divided by the highest price (`Scale`), so that a kWh at that price costs 1. On this scale:

  money 0 to 1 < green, basic, fast 2 to 7 < excess over an offer 10 < unmet target 100 < excess over an order 1,000

and the coefficients stay between a thousandth and a thousand. Vehicles that do not look at money (basic, fast) have the
price of their energy taken out again, so that a cheap neighbour's tariff does not move them. Where the supply point
imports or exports depending on what its vehicles do, that price is known only between two bounds; there money is made
so light that what is left of it, over all these slots, is less than being even or early.
"""

from __future__ import annotations

import math
import zlib
from collections import defaultdict
from dataclasses import dataclass

import pulp

from .adapter import LE
from .model import Model, Vehicle, charge_bound_w
from .orders import Excess
from .problem import KILO, Mode, Problem, Scope

Cost = dict[pulp.LpVariable, float]

UNMET = 100.0
EXCESS_MANDATORY = 1000.0
EXCESS_OFFER = 10.0
# More than the widest span of prices (-1 ... 1): no bargain makes a vehicle in a hurry take more than it needs.
ENERGY = 2.1
LATENESS = 5.0
GREEN = 5.0
UNEVENNESS = 2.0
# Money decides only between equals where nobody asked for the cheapest.
MONEY_ASIDE = 0.001
# What the doubt about prices may amount to over all slots: less than UNEVENNESS, so that it moves no basic vehicle.
DOUBT = 1.9
# Waiting may weigh more than any price, but never as much as a missed target.
_LONGEST_WAIT = 20.0
# What a kW of a new peak may weigh against each kWh that makes it in a single slot: less than green or a target.
_HEAVIEST_PEAK = 2.5
# The running slot may be nearly over; a target that loses less than that is no matter.
_SHORT_SLOT_H = 0.1
# A slot with less than this share of the best headroom would make its row steep enough to outbid a target.
_LEAST_HEADROOM = 0.1


@dataclass(frozen=True)
class Scale:
    """What one unit of cost is worth in money."""

    money: float

    @classmethod
    def of(cls, problem: Problem) -> Scale:
        """The highest price, or what stands for it."""
        prices = [abs(price) for price in (*problem.import_price, *problem.export_price)]
        wear = [session.wear_cost_per_kwh for session in problem.sessions]
        wear.append(problem.storage.wear_cost_per_kwh if problem.storage else 0.0)
        waiting = abs(problem.opportunity_cost_per_h) * sum(problem.slot_hours) / _LONGEST_WAIT
        peak = problem.demand_charge_per_kw / (_HEAVIEST_PEAK * max(min(problem.slot_hours), _SHORT_SLOT_H))
        return cls(max(*prices, *wear, waiting, peak) or 1.0)


@dataclass(frozen=True)
class Money:
    """How heavy money is: `exchange` for what is imported and exported, `own` for wear and waiting.

    For vehicles that ignore prices: the price of their kWh in each slot, `highest`, and by how much less it may turn
    out to be, `doubt` (both weighted).
    """

    exchange: float
    own: float
    highest: tuple[float, ...]
    doubt: tuple[float, ...]

    @classmethod
    def of(cls, model: Model) -> Money:
        """Full weight where everybody looks at prices, less where the doubts of those who do not would add up."""
        problem, unit = model.problem, 1.0 / Scale.of(model.problem).money
        aside = {slot for vehicle in model.vehicles if _ignores_prices(vehicle) for slot in vehicle.plugged()}
        bounds = _marginal_prices(model)
        doubt = [high - low if slot in aside else 0.0 for slot, (low, high) in enumerate(bounds)]
        own = unit * (min(1.0, DOUBT / (unit * sum(doubt))) if any(doubt) else 1.0)
        minded = problem.storage or any(session.mode in (Mode.CHEAP, Mode.GREEN) for session in problem.sessions)
        exchange, own = (own, own) if minded else (unit * MONEY_ASIDE, unit)
        return cls(exchange, own, tuple(exchange * high for _, high in bounds), tuple(exchange * it for it in doubt))


def _marginal_prices(model: Model) -> list[tuple[float, float]]:
    """The least and the most that one more kWh can cost in each slot while no limit binds.

    They differ where the supply point may export; what would be curtailed is free.
    """
    problem = model.problem
    giving = {slot for vehicle in model.vehicles if vehicle.discharge for slot in vehicle.plugged()}
    bounds = []
    for slot in problem.slots:
        bought, sold = problem.import_price[slot], problem.export_price[slot]
        exports = model.battery or slot in giving or problem.production_w[slot] > problem.demand_w[slot]
        bounds.append((min(bought, sold, 0.0), max(bought, sold)) if exports else (bought, bought))
    return bounds


def _ignores_prices(vehicle: Vehicle) -> bool:
    return vehicle.session.mode in (Mode.BASIC, Mode.FAST)


def plan_cost(model: Model, weight: float = 1.0) -> Cost:
    """Solve A: targets and orders first, then what each vehicle's mode asks for. Adds the rows its terms need.

    `weight` is that of this supply point's modes and money beside others in one program.
    """
    cost: Cost = defaultdict(float)
    money = Money.of(model)
    _money(model, cost, money)
    _peak(model, cost, money)
    _wear(model, cost, money)
    _waiting(model, cost, money)
    _green(model, cost)
    for vehicle in model.vehicles:
        if _ignores_prices(vehicle):
            _ignore_prices(model, cost, money, vehicle)
        if vehicle.session.mode is Mode.FAST:
            _soon(model, cost, money, vehicle)
    _evenly(model, cost)
    if weight != 1.0:
        cost = defaultdict(float, {column: factor * weight for column, factor in cost.items()})
    _shortfalls(model, cost)
    return dict(cost)


def excess_weight(excess: Excess) -> float:
    """What a kWh over an order costs: an order goes before targets, an offer after them."""
    return EXCESS_MANDATORY if excess.order.mandatory else EXCESS_OFFER


def _shortfalls(model: Model, cost: Cost) -> None:
    for excess in model.excesses:
        cost[excess.column] += excess_weight(excess) * model.hours(excess.slot)
    for vehicle in model.vehicles:
        for missing in vehicle.unmet:
            cost[missing] += UNMET


def _money(model: Model, cost: Cost, money: Money) -> None:
    problem = model.problem
    for slot in problem.slots:
        cost[model.grid_import[slot]] += money.exchange * problem.import_price[slot] * model.hours(slot)
        cost[model.grid_export[slot]] -= money.exchange * problem.export_price[slot] * model.hours(slot)


def _peak(model: Model, cost: Cost, money: Money) -> None:
    """The demand charge: the highest import of the horizon beyond the highest so far.

    Vehicles that ignore prices count with what they would draw by themselves, so that it does not slow them down.
    """
    problem = model.problem
    if problem.demand_charge_per_kw <= 0:
        return
    peak = model.variable("peak")
    cost[peak] += money.exchange * problem.demand_charge_per_kw
    minded = problem.storage or not all(map(_ignores_prices, model.vehicles))
    aside = [vehicle for vehicle in model.vehicles if _ignores_prices(vehicle)] if minded else []
    presumed = [presumed_kw(vehicle, problem) for vehicle in aside]
    for slot in problem.slots:
        terms = {model.grid_import[slot]: 1.0, peak: -1.0}
        for vehicle in aside:
            terms.update(vehicle.power(slot, -1.0))
        rest = sum(curve[slot] for curve in presumed)
        model.row(f"peak_{slot}", terms, LE, problem.peak_so_far_w / KILO - rest)


def presumed_kw(vehicle: Vehicle, problem: Problem) -> list[float]:
    """What a vehicle draws that nobody limits: at once when in a hurry, else evenly."""
    session = vehicle.session
    left = max([0.0, *(target.energy_wh - session.energy_wh for target in session.targets)])
    left /= KILO * session.charge_efficiency
    stay = sum(problem.slot_hours[slot] for slot in vehicle.plugged())
    curve = [0.0] * len(problem.slots)
    even = left / stay if stay and session.mode is Mode.BASIC else math.inf
    for slot in vehicle.plugged():
        hours = problem.slot_hours[slot]
        curve[slot] = min(charge_bound_w(session, slot) / KILO, left / hours, even)
        left -= curve[slot] * hours
    return curve


def _wear(model: Model, cost: Cost, money: Money) -> None:
    for vehicle in model.vehicles:
        for slot, column in zip(vehicle.plugged(), vehicle.discharge, strict=False):
            cost[column] += vehicle.session.wear_cost_per_kwh * money.own * model.hours(slot)
    storage = model.problem.storage
    if storage and model.battery:
        for slot, column in enumerate(model.battery.discharge):
            cost[column] += storage.wear_cost_per_kwh * money.own * model.hours(slot)


def _waiting(model: Model, cost: Cost, money: Money) -> None:
    """A vehicle that waits at a public point keeps others away: charges now when waiting saves less."""
    if not model.problem.opportunity_cost_per_h:
        return
    for vehicle in model.vehicles:
        waited = 0.0
        for slot, column in zip(vehicle.plugged(), vehicle.charge, strict=True):
            cost[column] += model.problem.opportunity_cost_per_h * money.own * waited * model.hours(slot)
            waited += model.hours(slot)


def _green(model: Model, cost: Cost) -> None:
    """Least import for the vehicles that asked for green; with a CO2 curve, least emission."""
    green = [vehicle for vehicle in model.vehicles if vehicle.session.mode is Mode.GREEN]
    if not green:
        return
    everyone = len(green) == len(model.vehicles)
    for slot in model.problem.slots:
        weight = GREEN * _dirtiness(model.problem, slot) * model.hours(slot)
        column = model.grid_import[slot] if everyone else _green_import(model, green, slot)
        cost[column] += weight


def _dirtiness(problem: Problem, slot: int) -> float:
    worst = max(problem.co2_g_per_kwh or (0.0,))
    return problem.co2_g_per_kwh[slot] / worst if problem.co2_g_per_kwh and worst > 0 else 1.0


def _green_import(model: Model, green: list[Vehicle], slot: int) -> pulp.LpVariable:
    """What the green vehicles import where others charge beside them: theirs comes first from the surplus."""
    column = model.variable(f"green_import_{slot}")
    surplus = max(model.problem.production_w[slot] - model.problem.demand_w[slot], 0.0) / KILO
    terms = {key: factor for vehicle in green for key, factor in vehicle.power(slot).items()}
    model.row(f"green_import_{slot}", {**terms, column: -1.0}, LE, surplus)
    return column


def _ignore_prices(model: Model, cost: Cost, money: Money, vehicle: Vehicle) -> None:
    """Takes out the price of the vehicle's energy at its highest, so that giving back never pays.

    A fixed price instead keeps it from taking too much.
    """
    for slot in vehicle.plugged():
        for column, sign in vehicle.power(slot).items():
            cost[column] += (ENERGY * max(sign, 0.0) - sign * money.highest[slot]) * model.hours(slot)


def _soon(model: Model, cost: Cost, money: Money, vehicle: Vehicle) -> None:
    """Each slot is later than the one before by more than its price may turn out to be lower."""
    horizon, late = sum(model.problem.slot_hours), 0.0
    for slot in model.problem.slots:
        late += money.doubt[slot]
        for column, sign in vehicle.power(slot).items():
            cost[column] += late * max(sign, 0.0) * model.hours(slot)
        late += LATENESS * model.hours(slot) / horizon


def _evenly(model: Model, cost: Cost) -> None:
    """Power in proportion to the headroom: the least utilisation z with power <= z * headroom, for all and for each."""
    basic = [vehicle for vehicle in model.vehicles if vehicle.session.mode is Mode.BASIC and vehicle.charge]
    if not basic:
        return
    room = headroom_kw(model.problem, basic)
    weight = UNEVENNESS * max(room[slot] * model.hours(slot) for slot in model.problem.slots)
    groups = [("all", basic)] if len(basic) > 1 else []
    # By identity: columns overload ==.
    groups += [(str(number), [it]) for number, it in enumerate(model.vehicles) if any(it is one for one in basic)]
    for name, vehicles in groups:
        used = model.variable(f"used_{name}")
        cost[used] += weight
        for slot in model.problem.slots:
            terms = {key: factor for vehicle in vehicles for key, factor in vehicle.power(slot).items()}
            if terms and room[slot] > 0:
                model.row(f"even_{name}_{slot}", {**terms, used: -room[slot]}, LE, 0.0)


def headroom_kw(problem: Problem, basic: list[Vehicle]) -> list[float]:
    """What limits and orders leave to vehicles in each slot. Without any limit it is flat."""
    net = [demand - made for demand, made in zip(problem.demand_w, problem.production_w, strict=True)]
    room = [max(limit - need, 0.0) for limit, need in zip(problem.max_import_w, net, strict=True)]
    for order in problem.orders:
        if order.limit_w is None or not order.mandatory:
            continue
        for slot in range(order.first_slot, order.last_slot):
            plugged = [vehicle.session for vehicle in basic if vehicle.power(slot)]
            if not order.session_keys:
                room[slot] = min(room[slot], max(order.limit_w - net[slot], 0.0))
            elif all(session.key in order.session_keys for session in plugged):
                limit = max(order.limit_w, order.floor_w)
                room[slot] = min(room[slot], limit if order.scope is Scope.TOGETHER else limit * len(plugged))
    return _gentle(problem, basic, room)


def _gentle(problem: Problem, basic: list[Vehicle], room: list[float]) -> list[float]:
    """Headroom far beyond what the vehicles can use says nothing about scarcity, and tiny headroom makes steep rows."""
    usable = sum(max(charge_bound_w(vehicle.session, slot) for slot in vehicle.plugged()) for vehicle in basic)
    capped = [min(value, 50 * usable) for value in room]
    least = _LEAST_HEADROOM * max(capped)
    return [max(value, least) / KILO if value > 0 else 0.0 for value in capped]


def calm_cost(model: Model) -> Cost:
    """Solve B: among equally good plans the earliest, and between equals always the same one.

    Weights grow by one a slot and carry a hash of session and absolute time below one: rolling the horizon on does not
    change which plan is preferred, and no two plans are equal.
    """
    cost: Cost = {}
    for vehicle in model.vehicles:
        seed = zlib.crc32(vehicle.session.key.encode())
        for slot in vehicle.plugged():
            for column in vehicle.power(slot):
                cost[column] = _calm_weight(model, seed, slot)
    if model.battery:
        for slot in model.problem.slots:
            for column in (model.battery.charge[slot], model.battery.discharge[slot]):
                cost[column] = _calm_weight(model, 1, slot)
    for slot, column in model.curtailed.items():
        cost[column] = _calm_weight(model, 2, slot)
    return cost


def _calm_weight(model: Model, seed: int, slot: int) -> float:
    quarter = int(model.problem.slot_starts[slot].timestamp()) // 900
    mixed = ((seed ^ (quarter * 2654435761)) * 2246822519) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 3266489917) & 0xFFFFFFFF
    return (slot + 1 + mixed / 2**32) * model.hours(slot)
