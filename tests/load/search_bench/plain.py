"""The plain way to rank: every public station of the country is read as objects, and each that is near enough is
estimated by itself, slot by slot. It is how the search began, and what it is measured against."""

from datetime import datetime, timedelta
from typing import Any

from smac import filling, greenness
from smac.models import Series
from smac.optimisation.problem import Mode
from smac.services import costs, prices, series
from smac.slots import Horizon

_STAY = timedelta(hours=4)
_KINDS = (Series.Kind.IMPORT_PRICE, Series.Kind.CO2, Series.Kind.DEMAND, Series.Kind.PRODUCTION)


def find(need: Any, now: datetime) -> int:
    """How many stations were ranked."""
    from drivers.services import battery, plugs, stations, travel

    fitting, capacity_wh = plugs.fitting(need.vehicle.connector_standard), need.vehicle.battery_capacity_wh
    wanted = []
    for station in stations.grouped(list(stations.public_evses())):
        trip = travel.trip(need.position, station.position, consumption_wh_per_km=need.vehicle.consumption_wh_per_km)
        evses = [evse for evse in station.free_evses if any(plug.standard in fitting for plug in evse.connectors.all())]
        if trip.distance_m > need.max_distance_m or not evses:
            continue
        left = battery.after_driving(soc_percent=need.soc_percent, energy_wh=trip.energy_wh, capacity_wh=capacity_wh)
        energy_wh = battery.energy_needed_wh(
            soc_percent=left, target_soc_percent=need.target_soc_percent, capacity_wh=capacity_wh
        )
        evse = max(evses, key=lambda one: one.max_power_w)
        wanted.append((evse, energy_wh, min(evse.max_power_w, need.vehicle.max_charge_w), trip))
    horizon = Horizon.at(now)
    places = _places([evse.charge_point.supply_point for evse, *_ in wanted], horizon, now)
    found = [
        (mode, _estimate(one, mode, places[one[0].charge_point.supply_point_id], horizon, now), one[3].drive_s)
        for mode in Mode
        for one in wanted
    ]
    return len(sorted(found, key=lambda each: (each[0], each[1], each[2]))) // len(Mode)


def _places(points: Any, horizon: Horizon, now: datetime) -> dict[int, Any]:
    known = {point.pk: point for point in points}
    read = {
        kind: series.curves(kind=kind, supply_points=known.values(), start=now, end=horizon.end, known_at=now)
        for kind in _KINDS
    }
    return {pk: (point, [read[kind][pk] for kind in _KINDS]) for pk, point in known.items()}


def _estimate(one: Any, mode: Mode, place: Any, horizon: Horizon, now: datetime) -> Any:
    evse, energy_wh, power_w, trip = one
    point, (price, co2, demand, production) = place
    arrives_at = now + timedelta(seconds=trip.drive_s)
    hours = tuple(
        max(
            (min(start + timedelta(hours=length), arrives_at + _STAY) - max(start, arrives_at)) / timedelta(hours=1),
            0.0,
        )
        for start, length in zip(horizon.starts, horizon.hours, strict=True)
    )
    net = [(use or 0.0) - (made or 0.0) for (_, use), (_, made) in zip(demand, production, strict=True)]
    own = [max(-power, 0.0) for power in net]
    grams = [value for _, value in co2]
    ranks = filling.ranks(mode, price=[value or 0.0 for _, value in price], surplus_w=own, co2=grams, power_w=power_w)
    limits = [min(power_w, max(point.contracted_capacity_w - power, 0.0)) for power in net]
    filled = filling.fill(energy_wh=energy_wh, limits_w=limits, hours=hours, ranks=ranks)
    slices = costs.planned_slices(starts=horizon.starts, hours=hours, power_w=filled.power_w)
    greenness.of_curve(power_w=filled.power_w, own_w=own, hours=hours, co2_g_per_kwh=grams)
    return costs.cost_of(
        charge_point=evse.charge_point, slices=slices, now=arrives_at, market_price_at=prices.from_curve(price)
    ).total
