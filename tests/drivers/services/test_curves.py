"""The curves of a session."""

from datetime import timedelta
from typing import Any

import pytest

from drivers.models import ChargeSession
from drivers.services import curves, explanation
from smac.models import FlexOrder, PlannedCurve, PlanRun
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
QUARTER = timedelta(minutes=15)


def plan(session: ChargeSession, *power_w: float, begins: int = 0, code: str = "cheap_slots") -> PlannedCurve:
    """A run made ``begins`` quarters after NOW, with a curve from then on."""
    starts = [NOW + QUARTER * (begins + number) for number in range(len(power_w))]
    run = PlanRun.objects.create(
        supply_point=session.evse.charge_point.supply_point,
        made_at=starts[0],
        reason="test",
        status=PlanRun.Status.OPTIMAL,
        slot_starts=[start.isoformat() for start in starts],
        series={name: [1000.0] * len(power_w) for name in ("demand", "production", "limit")}
        | {"price": [0.25] * len(power_w)},
    )
    return PlannedCurve.objects.create(
        run=run,
        need=session.need,
        power_w=list(power_w),
        soc_percent=[50.0] * len(power_w),
        reasons=["price"] * len(power_w),
        reason={"code": code, "from": starts[-1].isoformat(), "until": starts[-1].isoformat(), "waits": True},
    )


def restrict(session: ChargeSession, max_power_w: int) -> None:
    """A grid operator's limit over two quarters, the first of them after NOW."""
    order = FlexOrder.objects.create(
        ordered_by=factories.grid_operator(),
        max_power_w=max_power_w,
        starts_at=NOW + QUARTER,
        ends_at=NOW + 3 * QUARTER,
        created_at=NOW,
    )
    order.charge_points.add(session.evse.charge_point)


def series(drawn: dict[str, Any], kind: str) -> list[float]:
    return next((each["values"] for each in drawn["series"] if each["kind"] == kind), [])


def test_each_slot_is_drawn_as_it_was_last_planned(charging: ChargeSession) -> None:
    plan(charging, 11_000, 11_000, 11_000)
    plan(charging, 4_000, 6_000, begins=1)
    assert series(curves.charge_curve(session=charging, now=NOW), "plan") == [11.0, 4.0, 6.0]


def test_what_lies_outside_the_session_is_left_out(charging: ChargeSession) -> None:
    plan(charging, *([5_000] * 40))
    hours = 2
    assert len(series(curves.charge_curve(session=charging, now=NOW), "plan")) == hours * 4 + 1


def test_the_limit_of_the_grid_operator_is_drawn_over_its_window(charging: ChargeSession) -> None:
    restrict(charging, 5_000)
    assert series(curves.charge_curve(session=charging, now=NOW), "limit") == [5.0, 5.0]
    FlexOrder.objects.update(withdrawn_at=NOW)
    assert series(curves.charge_curve(session=charging, now=NOW), "limit") == []


def test_of_two_limits_at_a_time_the_lower_one_is_drawn(charging: ChargeSession) -> None:
    restrict(charging, 3_000)
    restrict(charging, 5_000)
    assert series(curves.charge_curve(session=charging, now=NOW), "limit") == [3.0, 3.0]


def test_what_the_plan_follows_has_price_production_and_demand(charging: ChargeSession) -> None:
    plan(charging, 5_000, 5_000)
    drawn = curves.context_curves(session=charging, now=NOW)
    assert series(drawn, "price") == [0.25, 0.25]
    assert series(drawn, "production") == series(drawn, "demand") == [1.0, 1.0]


def test_before_the_first_plan_there_is_nothing_to_explain(charging: ChargeSession) -> None:
    assert explanation.of(need=charging.need, zone="Europe/Berlin", now=NOW) is None


def test_while_nothing_flows_it_is_told_when_it_goes_on(charging: ChargeSession) -> None:
    plan(charging, 0, 0, 8_000)
    why = explanation.of(need=charging.need, zone="Europe/Berlin", now=NOW)
    assert why is not None
    assert why.is_waiting
    assert why.tells_when
    assert why.resumes_at == NOW + 2 * QUARTER
    assert "13:30" in why.sentence


def test_while_power_flows_nothing_waits(charging: ChargeSession) -> None:
    plan(charging, 8_000, 0)
    why = explanation.of(need=charging.need, zone="Europe/Berlin", now=NOW)
    assert why is not None
    assert not why.is_waiting


def test_a_plan_that_has_run_out_explains_nothing(charging: ChargeSession) -> None:
    plan(charging, 8_000)
    assert explanation.of(need=charging.need, zone="Europe/Berlin", now=NOW + timedelta(hours=3)) is None


def test_a_minute_stands_once_where_the_cable_came_right_after_the_first_plan(charging: ChargeSession) -> None:
    """The plan of the announced session lasts seconds: its first row and the next one's are of the same minute."""
    plan(charging, 0.0, 4_000.0)
    later = plan(charging, 8_600.0, 4_000.0)
    later.run.slot_starts = [(NOW + timedelta(seconds=40)).isoformat(), (NOW + QUARTER).isoformat()]
    later.run.made_at = NOW + timedelta(seconds=40)
    later.run.save()
    (drawn,) = [one for one in curves.charge_curve(session=charging, now=NOW)["series"] if one["kind"] == "plan"]
    assert drawn["values"] == [8.6, 4.0]
