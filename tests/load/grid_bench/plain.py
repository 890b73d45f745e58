"""The plain way, to compare with: every point whole in GeoJSON at each question, and a marker of its own on the map."""

import gzip
import json
from typing import Any


def answer(user: Any) -> bytes:
    """All points with what they draw and how their connections are loaded, compressed."""
    return gzip.compress(json.dumps({"type": "FeatureCollection", "features": _features(user)}).encode(), 6)


def _features(user: Any) -> list[dict[str, Any]]:
    from chargepoints.models import Transaction
    from gridops.access import charge_points_of

    rows = charge_points_of(user).select_related("supply_point__location")
    points = list(rows.prefetch_related("evses__connectors", "groups"))
    power: dict[int, float] = {}
    for running in Transaction.objects.filter(state="active", charge_point__in=points):
        power[running.charge_point_id] = power.get(running.charge_point_id, 0.0) + running.power_w
    drawn: dict[int, float] = {}
    for point in points:
        drawn[point.supply_point_id] = drawn.get(point.supply_point_id, 0.0) + power.get(point.pk, 0.0)
    return [_feature(point, power.get(point.pk, 0.0), drawn[point.supply_point_id]) for point in points]


def _feature(point: Any, power_w: float, drawn_w: float) -> dict[str, Any]:
    evses, place = list(point.evses.all()), point.supply_point.location
    load = drawn_w / point.supply_point.contracted_capacity_w
    told = {
        "id": point.pk,
        "identity": point.identity,
        "place": place.name,
        "zone": place.time_zone,
        "state": next((one.status for evse in evses for one in evse.connectors.all()), "unknown"),
        "power_w": power_w,
        "max_power_w": sum(evse.max_power_w for evse in evses),
        "load": load,
        "group_ids": [group.pk for group in point.groups.all()],
        "label": f"{point.identity}, {place.name}: {power_w / 1000:.1f} kW now, connection loaded to {load:.0%}",
    }
    where = {"type": "Point", "coordinates": [point.longitude, point.latitude]}
    return {"type": "Feature", "geometry": where, "properties": told}
