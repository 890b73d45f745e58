"""What a machine may limit, and what flows there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chargepoints.models import Transaction
from smac.models import PlanRun
from tests import factories
from tests.gridops.api.conftest import Machine
from tests.gridops.conftest import Area

pytestmark = pytest.mark.django_db


@pytest.fixture
def charging(area: Area) -> Transaction:
    """7 kW at STM-1, which is planned and could take 4 kW more or 2 kW less."""
    now, point = timezone.now(), area.points[0]
    start = now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)
    PlanRun.objects.create(
        supply_point=point.supply_point,
        made_at=now - timedelta(minutes=1),
        reason="test",
        status=PlanRun.Status.OPTIMAL,
        slot_starts=[start.isoformat(), (start + timedelta(minutes=15)).isoformat()],
        series={"vehicles": [7000, 1], "flexibility_up": [4000, 2], "flexibility_down": [2000, 3]},
    )
    return factories.transaction(point.evses.get(), factories.driver(), power_w=7000.0)


def test_charge_points_come_in_pages_by_key(area: Area, machine: Machine, charging: Transaction) -> None:
    first = machine.get("/charge-points?limit=1").json()
    assert [it["charge_point"] for it in first["results"]] == ["STM-1"]
    told = first["results"][0]
    assert (told["power_w"], told["connection"]) == (7000, area.points[0].supply_point_id)
    assert told["groups"] == [area.group.children.get().pk]
    second = machine.get(first["next"].partition("/gridops")[2]).json()
    assert ([it["charge_point"] for it in second["results"]], second["next"]) == (["STM-2"], None)


def test_groups_tell_the_load_of_their_branch(area: Area, machine: Machine, charging: Transaction) -> None:
    rows = machine.get("/groups").json()["results"]
    assert [(it["name"], it["parent"], it["charge_points"], it["power_w"]) for it in rows] == [
        ("Steinheim", None, 2, 7000),
        ("Feeder 1", area.group.pk, 2, 7000),
    ]
    assert rows[0]["possible_w"] == sum(evse.max_power_w for it in area.points for evse in it.evses.all())


def test_a_connection_tells_its_plan_and_how_far_it_can_move(
    area: Area, machine: Machine, charging: Transaction
) -> None:
    (row,) = machine.get("/connections").json()["results"]
    assert row["capacity_w"] == area.points[0].supply_point.contracted_capacity_w
    assert [row[name] for name in ("power_w", "planned_w", "up_w", "down_w")] == [7000, 7000, 4000, 2000]


def test_a_connection_that_a_foreign_charge_point_shares_tells_no_plan(
    area: Area, machine: Machine, charging: Transaction
) -> None:
    other = factories.charge_point(at=area.points[0].supply_point, identity="ATH-2")
    factories.transaction(other.evses.get(), power_w=3000.0)
    (row,) = machine.get("/connections").json()["results"]
    assert [row[name] for name in ("charge_points", "power_w", "planned_w", "up_w")] == [2, 7000, None, None]


def test_strangers_see_their_own_alone(area: Area, stranger: Machine, charging: Transaction) -> None:
    answers = [stranger.get(f"/{name}") for name in ("charge-points", "groups", "connections")]
    assert [[it.get("charge_point") or it["name"] for it in answer.json()["results"]] for answer in answers] == [
        ["ATH-1"],
        ["Athens"],
        [area.foreign.supply_point.name],
    ]


@pytest.mark.parametrize("path", ["/charge-points?page=2", "/groups?name=x", "/connections?after=x", "/groups?limit=a"])
def test_what_nobody_knows_to_answer_is_refused(machine: Machine, path: str) -> None:
    answer = machine.get(path)
    if "limit" not in path:
        assert answer.status_code == 422
