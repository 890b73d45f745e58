"""Limits from elsewhere reach the optimiser."""

import pytest

from chargepoints.domain import reports
from chargepoints.models import Evse
from chargepoints.services import external_limits
from smac.services import planning
from smac.snapshot import reading
from tests import factories
from tests.smac import world
from tests.smac.world import NOW

pytestmark = pytest.mark.django_db


def tell(evse: Evse, *steps: tuple[int, float], number: int) -> None:
    report = reports.ExternalLimitReported(number, "EMS", NOW, None, steps)
    external_limits.limit_reported(charge_point_id=evse.charge_point_id, report=report, now=NOW)


def sessions(evse: Evse):
    return reading.take(supply_point_id=evse.charge_point.supply_point_id, now=NOW).problem.sessions


def test_a_session_is_limited_in_every_slot_that_the_limit_touches() -> None:
    evse = factories.evse()
    world.running(evse)
    assert sessions(evse)[0].limit_w is None
    tell(evse, (600, 5_000.0), (1_800, 22_000.0), number=1)
    assert sessions(evse)[0].limit_w[:4] == (5_000.0, 5_000.0, 11_000.0, 11_000.0)


def test_vehicles_at_one_charger_share_its_limit() -> None:
    first = factories.evse(evses=2)
    second = first.charge_point.evses.get(number=2)
    world.running(first)
    world.running(second)
    tell(first, (0, 8_000.0), number=0)
    assert [session.limit_w[0] for session in sessions(first)] == [4_000.0, 4_000.0]


def test_the_plan_keeps_within_it() -> None:
    evse = factories.evse()
    _, row = world.running(evse, mode="fast", target_soc_percent=100)
    tell(evse, (0, 5_000.0), number=0)
    planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)
    assert max(limit for _, limit in world.limits(world.profiles(row)[0])) == 5_000
