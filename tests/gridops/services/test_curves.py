"""Plan, meter and limit of an order as charts."""

from datetime import datetime, timedelta
from typing import Any

from chargepoints.models import ChargePoint
from gridops.services import curves
from smac.models import ChargingNeed, FlexOrder, PlannedCurve, PlanRun
from tests.factories import NOW, minutes
from tests.gridops.conftest import Area, order


def planned(point: ChargePoint, made_at: datetime, power_w: list[float], **series: list[float]) -> PlanRun:
    """A run for the supply point of a charge point, with one session there."""
    starts = [(made_at + timedelta(minutes=15) * index).isoformat() for index in range(len(power_w))]
    run = PlanRun.objects.create(
        supply_point=point.supply_point, made_at=made_at, status="optimal", slot_starts=starts, series=series
    )
    need, _ = ChargingNeed.objects.get_or_create(
        evse=point.evses.get(),
        stated_at=NOW,
        departure_at=NOW + timedelta(hours=8),
        battery_capacity_wh=50_000,
        soc_percent=20,
        target_soc_percent=80,
        max_charge_w=11_000,
    )
    PlannedCurve.objects.create(run=run, need=need, power_w=power_w, soc_percent=[])
    return run


def window_order(area: Area, **values: Any) -> FlexOrder:
    return order(area, starts_at=NOW, ends_at=NOW + timedelta(hours=1), **values)


def power(area: Area, found: FlexOrder, points: list[ChargePoint], *, alone: bool = False) -> dict[str, dict[str, Any]]:
    chart = curves.power(order=found, charge_points=points, now=NOW + minutes(30), alone=alone)
    return {series["label"]: series for series in chart["series"]}


def at(moment: datetime) -> int:
    return round(moment.timestamp())


def test_the_limit_is_drawn_over_the_window(area: Area) -> None:
    limit = power(area, window_order(area), [area.points[0]], alone=True)["Limit"]

    assert limit["kind"] == "limit"
    assert limit["times"] == [at(NOW), at(NOW + timedelta(hours=1))]
    assert limit["values"] == [5.0, 5.0]


def test_the_limit_for_each_adds_up_for_all(area: Area) -> None:
    assert power(area, window_order(area), area.points)["Limit"]["values"] == [10.0, 10.0]


def test_a_floor_above_the_limit_is_what_holds(area: Area) -> None:
    found = window_order(area, max_power_w=2000, floor_w=4200)

    assert power(area, found, [area.points[0]], alone=True)["Limit"]["values"] == [4.2, 4.2]


def test_a_limit_for_all_together_is_none_of_a_single_point(area: Area) -> None:
    found = window_order(area, scope="together")

    assert power(area, found, area.points)["Limit"]["values"] == [5.0, 5.0]
    assert "Limit" not in power(area, found, [area.points[0]], alone=True)


def test_a_withdrawn_limit_ends_when_it_was_withdrawn(area: Area) -> None:
    withdrawn = window_order(area, withdrawn_at=NOW + minutes(20))
    never = window_order(area, withdrawn_at=NOW - minutes(20))

    assert power(area, withdrawn, area.points)["Limit"]["times"][1] == at(NOW + minutes(20))
    assert "Limit" not in power(area, never, area.points)


def test_the_limit_to_the_grid_lies_below_zero(area: Area) -> None:
    found = window_order(area, v2g=True, max_export_w=3000)

    assert power(area, found, [area.points[0]], alone=True)["Limit to the grid"]["values"] == [-3.0, -3.0]


def test_each_moment_shows_what_was_last_planned_for_it(area: Area) -> None:
    planned(area.points[0], NOW - minutes(15), [11_000.0, 11_000.0, 11_000.0])
    planned(area.points[0], NOW, [5_000.0, 4_000.0])
    plan = power(area, window_order(area), area.points)["Plan"]

    assert plan["times"] == [at(NOW - minutes(15)), at(NOW), at(NOW + minutes(15))]
    assert plan["values"] == [11.0, 5.0, 4.0]


def test_another_point_is_planned_to_do_nothing(area: Area) -> None:
    planned(area.points[0], NOW, [5_000.0, 4_000.0])

    assert power(area, window_order(area), [area.points[1]])["Plan"]["values"] == [0.0, 0.0]


def test_flexibility_is_the_range_around_the_plan(area: Area) -> None:
    planned(
        area.points[0],
        NOW,
        [5_000.0],
        vehicles=[5_000.0],
        flexibility_up=[2_000.0],
        flexibility_down=[3_000.0],
    )
    chart = curves.flexibility(order=window_order(area), supply_point_ids={area.points[0].supply_point_id}, now=NOW)

    assert {series["kind"]: series["values"] for series in chart["series"]} == {
        "flex_up": [7.0],
        "flex_down": [2.0],
        "plan": [5.0],
    }


def test_a_local_battery_shows_its_own_plan(area: Area) -> None:
    planned(area.points[0], NOW, [0.0], storage=[-1_500.0])
    chart = curves.storage(order=window_order(area), supply_point=area.points[0].supply_point, now=NOW)

    assert [series["values"] for series in chart["series"]] == [[-1.5]]
