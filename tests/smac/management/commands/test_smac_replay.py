"""Replays from the command line."""

import json

import pytest
from django.core.management import CommandError, call_command

from smac.models import PlanRun
from smac.services import planning
from tests import factories
from tests.smac import world
from tests.smac.world import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    evse = factories.evse()
    world.running(evse)
    return planning.run(supply_point_id=evse.charge_point.supply_point_id, now=NOW)


def test_the_plan_is_printed_and_found_to_be_the_same(run, capsys):
    call_command("smac_replay", str(run.pk))
    told = capsys.readouterr()
    assert json.loads(told.out)["sessions"][0]["power_w"] == pytest.approx(run.curves.get().power_w, abs=0.1)
    assert "to the byte" in told.err


def test_another_plan_than_then_ends_with_an_error(run):
    PlanRun.objects.update(plan_digest="0" * 64)
    with pytest.raises(CommandError, match="was another one"):
        call_command("smac_replay", str(run.pk))


def test_an_incident_becomes_a_case(run, tmp_path, capsys):
    path = tmp_path / "incident.json"
    call_command("smac_replay", str(run.pk), save=path, keep=True)
    first = capsys.readouterr().out
    call_command("smac_replay", str(path))
    assert capsys.readouterr().out == first
    assert json.loads(path.read_text()).keys() == {"about", "problem", "expect"}
    assert PlanRun.objects.get().is_kept


@pytest.mark.parametrize("nothing", ["4711", "no-such-file.json"])
def test_what_is_not_there_is_said_so(nothing, db):
    with pytest.raises(CommandError):
        call_command("smac_replay", nothing)
