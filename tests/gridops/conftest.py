"""A feeder with two charge points that belong to one grid operator, and a foreign one."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chargepoints.models import ChargePoint, ChargePointGroup
from smac.models import FlexOrder
from tests import factories


@dataclass
class Area:
    """The cast: ``dso`` holds ``points`` through the branch of a group, ``foreign`` belongs to ``other_dso``."""

    dso: Any
    other_dso: Any
    group: ChargePointGroup
    points: list[ChargePoint]
    foreign: ChargePoint


@pytest.fixture
def area(db: None) -> Area:
    root = ChargePointGroup.objects.create(name="Steinheim")
    feeder = ChargePointGroup.objects.create(name="Feeder 1", parent=root)
    elsewhere = ChargePointGroup.objects.create(name="Athens")
    supply = factories.supply_point()
    points = [factories.charge_point(at=supply, identity=f"STM-{number}") for number in (1, 2)]
    foreign = factories.charge_point(identity="ATH-1")
    feeder.charge_points.set(points)
    elsewhere.charge_points.add(foreign)
    return Area(factories.grid_operator(root), factories.grid_operator(elsewhere), root, points, foreign)


@pytest.fixture
def console(area: Area) -> Client:
    """A browser in which the grid operator is logged in."""
    return browser(area.dso)


def browser(user: Any = None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def form_data(area: Area, **changes: Any) -> dict[str, Any]:
    """A filled-in order form for the area's own charge points, from tomorrow 10:00 to 12:00 in Berlin."""
    day = (timezone.now() + timedelta(days=1)).date().isoformat()
    usual = {
        "charge_points": [point.pk for point in area.points],
        "max_power_kw": "5",
        "scope": "each",
        "starts_at": f"{day}T10:00",
        "ends_at": f"{day}T12:00",
        "keep_floor": "on",
        "floor_kw": "4.2",
        "mandatory": "yes",
        "reason": "Transformer at its limit",
    }
    return {**usual, **changes}


def order(area: Area, *points: ChargePoint, by: Any = None, **values: Any) -> FlexOrder:
    """An order on these points (without any: on the area's own), under way for an hour."""
    now = timezone.now()
    usual = {
        "max_power_w": 5000,
        "starts_at": now - timedelta(hours=1),
        "ends_at": now + timedelta(hours=1),
        "created_at": now - timedelta(hours=2),
        "status": FlexOrder.Status.SUCCESS,
    }
    row = FlexOrder.objects.create(ordered_by=by or area.dso, **{**usual, **values})
    row.charge_points.set(points or area.points)
    return row
