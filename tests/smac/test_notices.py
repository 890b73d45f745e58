"""What people are told of a plan's inputs."""

import pytest

from smac import notices
from smac.models import PlanRun
from smac.optimisation.plan import NoteCode
from smac.services import planning
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW

pytestmark = pytest.mark.django_db

# What only says that there is nothing to plan is nothing for people.
_SILENT = {NoteCode.WINDOW_EMPTY, NoteCode.ORDER_OUTSIDE, NoteCode.ORDER_UNKNOWN_SESSION}


def test_a_run_tells_what_it_had_to_do_without():
    point = factories.supply_point()
    world.prices((NOW, 0.3))
    world.value(world.series("production", point), NOW - 24 * HOUR, 4_000, duration_s=3_600)
    told = notices.of_run(planning.run(supply_point_id=point.pk, now=NOW))
    assert "Production: for 4 quarters of an hour yesterday's values stand in." in told
    assert "Nothing is known of: Demand. A usual value is assumed." in told


def test_the_same_is_told_once_and_what_nobody_knows_not_at_all():
    notes = [{"code": "solver_failed", "subject": ""}, {"code": "solver_failed", "subject": "x"}, {"code": "new"}]
    assert notices.of_run(PlanRun(notes=notes)) == ["The solver failed."]


@pytest.mark.parametrize("code", sorted(set(NoteCode) - _SILENT))
def test_every_note_for_people_has_its_sentence(code):
    assert notices.sentence({"code": str(code), "subject": ""})


def test_a_charge_says_where_it_is_from():
    assert notices.of_charge("meter", 1.2) == "Told by the car: ±1 points."
    assert notices.of_charge("typical", 25.0) == "Nobody knows: a typical value, ±25 points."
    assert notices.of_charge("", 0.0) == ""
