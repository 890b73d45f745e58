"""Events of the operator's server become orders, and follow them when they change."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from chargepoints.models import ChargePointGroup
from gridops.models import ServerEvent
from smac.models import FlexOrder
from smac.services import limits
from tests import factories
from tests.gridops.conftest import Area
from tests.gridops.services.server.conftest import Poll
from tests.vtn import Vtn, interval

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def group(*names: str) -> dict[str, Any]:
    return {"targets": [{"type": "GROUP", "values": list(names)}]}


def resources(*names: str) -> dict[str, Any]:
    return {"targets": [{"type": "RESOURCE_NAME", "values": list(names)}]}


def standing() -> list[FlexOrder]:
    return list(FlexOrder.objects.filter(withdrawn_at=None).order_by("starts_at"))


def named(order: FlexOrder) -> list[str]:
    return [point.identity for point in order.charge_points.order_by("identity")]


def test_an_event_becomes_one_order_however_often_it_is_seen(area: Area, vtn: Vtn, poll: Poll, start: datetime) -> None:
    vtn.publish("e-1", interval(0, start=start, import_kw=11), **group("Feeder 1"))
    for _ in range(3):
        assert poll().problem == ""
    (order,) = standing()
    assert (order.ordered_by, order.scope, order.max_power_w, order.v2g) == (area.dso, "together", 11_000, False)
    assert (order.starts_at, order.ends_at, order.mandatory) == (start, start + HOUR, True)
    assert named(order) == ["STM-1", "STM-2"]
    assert order.reason == "OpenADR · Event e-1 · Feeder 1"
    assert order.status == FlexOrder.Status.SUCCESS


def test_whom_it_limits_follows_its_targets(area: Area, vtn: Vtn, poll: Poll, start: datetime) -> None:
    connection = area.points[0].supply_point.name
    vtn.publish("all", interval(0, start=start, import_kw=1))
    vtn.publish("each", interval(0, start=start, import_kw=2), **resources("STM-1", "STM-2"))
    vtn.publish("connection", interval(0, start=start, import_kw=3), **resources(connection))
    vtn.publish("one", interval(0, start=start, export_kw=4), **resources("STM-2"))
    poll()
    found = {order.reason.split(" · ")[1]: order for order in standing()}
    told = {name.removeprefix("Event "): (it.scope, it.max_power_w, named(it)) for name, it in found.items()}
    assert told.pop("one") == ("each", 100_000_000, ["STM-2"])
    assert told == {
        "all": ("together", 1_000, ["STM-1", "STM-2"]),
        "each": ("each", 2_000, ["STM-1", "STM-2"]),
        "connection": ("together", 3_000, ["STM-1", "STM-2"]),
    }
    assert (found["Event one"].v2g, found["Event one"].max_export_w) == (True, 4_000)


def test_what_changed_is_replaced_and_what_did_not_stays(vtn: Vtn, poll: Poll, start: datetime) -> None:
    parts = [interval(0, start=start, import_kw=5), interval(1, start=start + HOUR, import_kw=7)]
    vtn.publish("e-1", *parts)
    poll()
    before = standing()
    vtn.publish("e-1", parts[0], interval(1, start=start + HOUR, import_kw=6))
    poll()
    after = standing()
    assert after[0] == before[0]
    assert [it.max_power_w for it in after] == [5_000, 6_000]
    assert FlexOrder.objects.get(pk=before[1].pk).withdrawn_at is not None
    vtn.publish("e-1", *parts)
    poll()
    assert [it.max_power_w for it in standing()] == [5_000, 7_000]


def test_a_new_name_alone_changes_no_order(vtn: Vtn, poll: Poll, start: datetime) -> None:
    vtn.publish("e-1", interval(0, start=start, import_kw=5))
    poll()
    before = standing()
    vtn.publish("e-1", interval(0, start=start, import_kw=5), eventName="Renamed")
    poll()
    assert standing() == before


def test_an_event_that_is_gone_is_withdrawn_and_may_come_back(vtn: Vtn, poll: Poll, start: datetime) -> None:
    part = interval(0, start=start, import_kw=5)
    vtn.publish("e-1", part)
    poll()
    vtn.withdraw("e-1")
    poll()
    assert standing() == []
    vtn.publish("e-1", part)
    poll()
    assert len(standing()) == 1


def test_one_under_way_holds_from_now_and_one_that_is_over_not_at_all(vtn: Vtn, poll: Poll, start: datetime) -> None:
    now = timezone.now()
    vtn.publish("now", interval(0, start=now - 3 * HOUR, duration="PT6H", import_kw=5))
    vtn.publish("over", interval(0, start=now - 3 * HOUR, duration="PT1H", import_kw=5))
    for seconds in (0, 30):
        poll(now + timedelta(seconds=seconds))
    (order,) = standing()
    assert (order.starts_at, order.ends_at) == (now, now + 3 * HOUR)


def test_a_server_that_is_away_leaves_what_stands_and_is_told_until_it_answers(
    vtn: Vtn, poll: Poll, start: datetime
) -> None:
    vtn.publish("e-1", interval(0, start=start, import_kw=5))
    poll()
    vtn.fails = 503
    link = poll()
    assert "cannot be reached" in link.problem
    assert len(standing()) == 1
    vtn.fails = 0
    assert poll().problem == ""


def test_an_answer_in_part_withdraws_nothing(vtn: Vtn, poll: Poll, start: datetime) -> None:
    for name in ("e-1", "e-2"):
        vtn.publish(name, interval(0, start=start, import_kw=5))
    poll()
    vtn.events[0]["intervals"][0]["intervalPeriod"]["start"] = "soon"
    poll()
    assert len(standing()) == 2


def test_a_target_that_nobody_knows_is_told_and_tried_again_and_the_others_hold(
    area: Area, vtn: Vtn, poll: Poll, start: datetime
) -> None:
    vtn.publish("e-1", interval(0, start=start, import_kw=5), **group("Feeder 1", "North"))
    poll()
    assert ServerEvent.objects.get().problem == "There is no group North."
    assert len(standing()) == 1
    north = ChargePointGroup.objects.create(name="North", parent=area.group)
    north.charge_points.add(factories.charge_point(identity="STM-9"))
    poll()
    assert ServerEvent.objects.get().problem == ""
    assert sorted(named(it) for it in standing()) == [["STM-1", "STM-2"], ["STM-9"]]


AREA = {"targets": [{"type": "SERVICE_AREA", "values": ["ATH-1"]}]}


@pytest.mark.parametrize("targets", [group("Athens"), resources("ATH-1"), AREA])
def test_nothing_outside_of_the_operators_branch_is_limited(
    area: Area, vtn: Vtn, poll: Poll, start: datetime, targets: dict[str, Any]
) -> None:
    vtn.publish("e-1", interval(0, start=start, import_kw=5), **targets)
    poll()
    assert FlexOrder.objects.count() == 0
    assert ServerEvent.objects.get().problem
    poll(by=area.other_dso)
    assert FlexOrder.objects.count() == (0 if targets["targets"][0]["type"] == "SERVICE_AREA" else 1)


def test_an_event_that_makes_no_sense_leaves_what_stands(vtn: Vtn, poll: Poll, start: datetime) -> None:
    vtn.publish("e-1", interval(0, start=start, import_kw=5))
    poll()
    vtn.publish("e-1", interval(0, start=start, import_kw=-5))
    poll()
    assert ServerEvent.objects.get().problem == "a limit is below zero or beyond all measure"
    assert [it.max_power_w for it in standing()] == [5_000]


def test_what_was_withdrawn_by_hand_stays_so_until_the_event_changes(vtn: Vtn, poll: Poll, start: datetime) -> None:
    vtn.publish("e-1", interval(0, start=start, import_kw=5), **group("Feeder 1", "North"))
    poll()
    limits.withdraw_order(order=standing()[0], now=timezone.now())
    poll()
    assert standing() == []
    vtn.publish("e-1", interval(0, start=start, import_kw=4), **group("Feeder 1"))
    poll()
    assert [it.max_power_w for it in standing()] == [4_000]
