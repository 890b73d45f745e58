from datetime import datetime

import pytest

from smac import charts
from smac.models import ChargingNeed, FlexOrder, PlannedCurve, PlanRun
from tests import factories
from tests.factories import NOW, minutes

pytestmark = pytest.mark.django_db


@pytest.fixture
def need() -> ChargingNeed:
    return ChargingNeed.objects.create(
        evse=factories.evse(),
        stated_at=NOW,
        departure_at=NOW + minutes(60),
        battery_capacity_wh=50_000,
        soc_percent=50,
        target_soc_percent=60,
        max_charge_w=11_000,
    )


def run(need: ChargingNeed, begin: float, starts: list[datetime], power_w: list[float]) -> None:
    made = PlanRun.objects.create(
        supply_point=need.evse.charge_point.supply_point,
        made_at=NOW + minutes(begin),
        reason="test",
        status="optimal",
        slot_starts=[start.isoformat() for start in starts],
        series={"price": [0.3] * len(starts)},
    )
    PlannedCurve.objects.create(run=made, need=need, power_w=power_w, soc_percent=[55.0] * len(starts))


def test_a_later_run_counts_from_its_own_beginning_on(need: ChargingNeed) -> None:
    run(need, 0, [NOW, NOW + minutes(15), NOW + minutes(30)], [11_000, 11_000, 0])
    run(need, 20, [NOW + minutes(20), NOW + minutes(30)], [5_000, 5_000])
    power = charts.planned(need)["power"]
    assert power == {NOW: 11_000, NOW + minutes(15): 11_000, NOW + minutes(20): 5_000, NOW + minutes(30): 5_000}


def test_the_battery_is_told_at_the_ends_of_slots(need: ChargingNeed) -> None:
    run(need, 0, [NOW, NOW + minutes(15)], [11_000, 0])
    assert list(charts.planned(need)["soc"]) == [NOW + minutes(15), NOW + minutes(30)]


def test_of_several_orders_the_lowest_limit_is_drawn_and_a_withdrawn_one_is_not(need: ChargingNeed) -> None:
    point = need.evse.charge_point
    for limit_w, withdrawn_at in ((7000, None), (5000, None), (1000, NOW)):
        order = FlexOrder.objects.create(
            ordered_by=factories.grid_operator(),
            max_power_w=limit_w,
            starts_at=NOW,
            ends_at=NOW + minutes(30),
            created_at=NOW,
            withdrawn_at=withdrawn_at,
        )
        order.charge_points.add(point)
    limits = charts.ordered_kw(point, (NOW - minutes(60), NOW + minutes(60)))
    assert limits == {NOW: 5.0, NOW + minutes(15): 5.0}


def test_a_chart_holds_only_series_with_values() -> None:
    chart = charts.chart(
        [charts.steps("plan", "Plan", {}), charts.steps("price", "Price", {NOW: 0.3}, "€/kWh")], now=NOW
    )
    assert [series["kind"] for series in chart["series"]] == ["price"]
    assert chart["series"][0]["times"] == [int(NOW.timestamp())]
