"""The map's data."""

from itertools import accumulate

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chargepoints.models import ChargePoint, ChargePointGroup, Connector
from gridops import points
from tests import factories
from tests.gridops.conftest import Area


def test_the_layout_tells_place_connection_groups_and_power_of_each_point(area: Area) -> None:
    feeder = ChargePointGroup.objects.get(name="Feeder 1")
    ChargePointGroup.objects.filter(pk=feeder.pk).update(capacity_w=80_000)

    found = points.layout(area.dso)

    columns, supply = found["points"], area.points[0].supply_point
    assert list(accumulate(columns["id"])) == [point.pk for point in area.points]
    assert [step * points.DEGREES for step in accumulate(columns["lat"])] == pytest.approx([51.87, 51.87])
    assert [step * points.DEGREES for step in accumulate(columns["lng"])] == pytest.approx([9.09, 9.09])
    assert columns["max"] == [11_000, 11_000]
    assert found["places"] == [(supply.location.name, "Europe/Berlin")]
    assert found["connections"] == [[supply.name, 50_000]]
    assert [found["memberships"][number] for number in columns["groups"]] == [(feeder.pk,), (feeder.pk,)]
    assert found["groups"] == [
        [feeder.pk, area.group.pk, "Feeder 1", 80_000],
        [area.group.pk, None, "Steinheim", None],
    ]


def test_a_group_outside_of_the_branch_is_not_told_not_even_as_a_points_other_group(area: Area) -> None:
    elsewhere = ChargePointGroup.objects.get(name="Athens")
    elsewhere.charge_points.add(area.points[0])

    found = points.layout(area.dso)

    assert elsewhere.pk not in {group[0] for group in found["groups"]}
    assert all(elsewhere.pk not in groups for groups in found["memberships"])


def test_a_branch_begins_where_it_was_assigned(area: Area) -> None:
    country = ChargePointGroup.objects.create(name="Country")
    ChargePointGroup.objects.filter(pk=area.group.pk).update(parent=country)

    tops = [group for group in points.layout(area.dso)["groups"] if group[1] is None]

    assert [group[0] for group in tops] == [area.group.pk]


@pytest.mark.parametrize(
    ("statuses", "letter"),
    [
        (["charging"], points.CHARGING),
        (["faulted", "unavailable"], points.FAULT),
        (["faulted", "available"], points.FREE),
        (["reserved"], points.RESERVED),
        (["reserved", "available"], points.FREE),
    ],
)
def test_a_point_has_the_state_of_its_connectors(area: Area, statuses: list[str], letter: str) -> None:
    point = factories.charge_point(at=area.points[0].supply_point, evses=len(statuses))
    area.group.charge_points.add(point)
    for connector, status in zip(Connector.objects.filter(evse__charge_point=point), statuses, strict=True):
        Connector.objects.filter(pk=connector.pk).update(status=status)

    assert _state_of(area, point) == letter


def test_a_point_that_cannot_be_reached_is_offline_whatever_it_said(area: Area) -> None:
    Connector.objects.filter(evse__charge_point=area.points[0]).update(status="charging")
    ChargePoint.objects.filter(pk=area.points[0].pk).update(connection_key="")

    assert _state_of(area, area.points[0]) == points.OFFLINE


def _state_of(area: Area, point: ChargePoint) -> str:
    told = points.news(area.dso)
    return dict(zip(told["id"], told["state"], strict=True)).get(point.pk, points.FREE)


def test_what_flows_back_is_below_zero(area: Area) -> None:
    factories.transaction(area.points[0].evses.get(), power_w=-5_000)

    assert points.news(area.dso)["power"] == [-50]


def test_many_points_cost_as_many_queries_as_few(area: Area) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            points.layout(area.dso)
            points.news(area.dso)
        return len(queries)

    few = asked()
    area.group.charge_points.add(*(factories.charge_point() for _ in range(3)))
    assert asked() == few
