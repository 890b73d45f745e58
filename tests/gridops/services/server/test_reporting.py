"""What the operator's server is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from gridops.models import ServerLink
from gridops.services.server import reporting
from smac.models import PlanRun
from tests import factories
from tests.gridops.conftest import Area
from tests.vtn import Vtn, interval
from twinev.adapters import openadr

pytestmark = pytest.mark.django_db
ALL = ["DEMAND", "STORAGE_MAX_CHARGE_POWER", "UP_REGULATION_AVAILABLE", "DOWN_REGULATION_AVAILABLE"]


def asked(*types: str, aggregate: bool = False) -> dict[str, Any]:
    return {"reportDescriptors": [{"payloadType": name, "aggregate": aggregate} for name in types]}


def send(area: Area, vtn: Vtn, now: datetime) -> int:
    return reporting.report(user=area.dso, server=openadr.at(vtn.url), now=now)


@pytest.fixture
def now(area: Area) -> datetime:
    """7 kW at STM-1, which is planned and could take 4 kW more or 2 kW less."""
    moment, point = timezone.now(), area.points[0]
    start = moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
    PlanRun.objects.create(
        supply_point=point.supply_point,
        made_at=moment - timedelta(minutes=1),
        reason="test",
        status=PlanRun.Status.OPTIMAL,
        slot_starts=[start.isoformat()],
        series={"vehicles": [7000], "flexibility_up": [4000], "flexibility_down": [2000]},
    )
    factories.transaction(point.evses.get(), factories.driver(), power_w=7000.0)
    return moment


def told(report: Any) -> dict[str, dict[str, float]]:
    return {
        it["resourceName"]: {one["type"]: one["values"][0] for one in it["intervals"][0]["payloads"]}
        for it in report["resources"]
    }


def test_an_event_under_way_is_told_what_it_asks_for_by_connection(area: Area, vtn: Vtn, now: datetime) -> None:
    possible_kw = sum(evse.max_power_w for it in area.points for evse in it.evses.all()) / 1000
    vtn.publish("e-1", interval(0, start=now, import_kw=50), **asked(*ALL))
    assert send(area, vtn, now) == 1
    assert told(vtn.reports[0]) == {
        area.points[0].supply_point.name: {
            "DEMAND": 7.0,
            "STORAGE_MAX_CHARGE_POWER": possible_kw,
            "UP_REGULATION_AVAILABLE": 2.0,
            "DOWN_REGULATION_AVAILABLE": 4.0,
        }
    }
    assert ServerLink.objects.get().reported_at == now


def test_one_sum_where_that_is_wanted(area: Area, vtn: Vtn, now: datetime) -> None:
    vtn.publish("e-1", interval(0, start=now, import_kw=50), **asked("DEMAND", aggregate=True))
    send(area, vtn, now)
    assert told(vtn.reports[0]) == {"AGGREGATED_REPORT": {"DEMAND": 7.0}}


def test_nothing_is_told_unasked_before_or_after(area: Area, vtn: Vtn, now: datetime) -> None:
    hour = timedelta(hours=1)
    vtn.publish("no report", interval(0, start=now, import_kw=50))
    vtn.publish("later", interval(0, start=now + hour, import_kw=50), **asked("DEMAND"))
    vtn.publish("over", interval(0, start=now - 2 * hour, import_kw=50), **asked("DEMAND"))
    assert send(area, vtn, now) == 0
    assert vtn.reports == []


def test_nothing_of_others_is_told(area: Area, vtn: Vtn, now: datetime) -> None:
    other = factories.charge_point(at=area.points[0].supply_point, identity="ATH-2")
    factories.transaction(other.evses.get(), power_w=3000.0)
    vtn.publish("e-1", interval(0, start=now, import_kw=50), **asked(*ALL))
    vtn.publish(
        "e-2",
        interval(0, start=now, import_kw=50),
        targets=[{"type": "RESOURCE_NAME", "values": ["ATH-1", area.foreign.supply_point.name]}],
        **asked("DEMAND", aggregate=True),
    )
    send(area, vtn, now)
    shares = told(vtn.reports[0])[area.points[0].supply_point.name]
    assert (shares["DEMAND"], set(shares)) == (7.0, {"DEMAND", "STORAGE_MAX_CHARGE_POWER"})
    assert len(vtn.reports) == 1


def test_what_cannot_be_handed_in_is_told_to_the_operator(area: Area, vtn: Vtn, now: datetime) -> None:
    vtn.publish("e-1", interval(0, start=now, import_kw=50), **asked("DEMAND"))
    vtn.fails = 500
    assert send(area, vtn, now) == 0
    assert "could not be handed in" in ServerLink.objects.get().report_problem
    vtn.fails = 0
    send(area, vtn, now)
    assert ServerLink.objects.get().report_problem == ""
