"""The chart of an order that is not saved."""

from typing import Any

import pytest

from chargepoints.models import ChargePoint, ChargePointGroup
from gridops.services import preview
from smac.optimisation import repair
from smac.services import planning
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> tuple[ChargePoint, ChargePoint]:
    """Two supply points behind 12 kW, each with a car in a hurry that needs 21.7 kWh in four hours."""
    evses = factories.evse(), factories.evse()
    for evse in evses:
        evse.min_power_w = 4_140
        evse.save()
        world.running(evse, mode="fast", target_soc_percent=70, departure_at=NOW + 4 * HOUR)
    feeder = ChargePointGroup.objects.create(name="Feeder", capacity_w=12_000)
    feeder.charge_points.set([evse.charge_point for evse in evses])
    planning.run_due(now=NOW)
    return evses[0].charge_point, evses[1].charge_point


def drawn(*points: ChargePoint, **values: Any) -> dict[str, list[float]]:
    usual = {"scope": "each", "max_power_w": 0, "starts_at": NOW + 2 * HOUR, "ends_at": NOW + 4 * HOUR}
    found = preview.draw(order={"charge_points": points, **usual, **values}, now=NOW).chart
    return {each["kind"]: each["values"] for each in found["series"]}


def test_a_point_that_an_order_puts_off_charges_before_it_where_its_neighbour_makes_room(
    pair: tuple[ChargePoint, ChargePoint],
) -> None:
    series = drawn(pair[0])
    # Eight quarters of an hour until the order; which of them has the little that is not needed is left to the solver.
    before = {kind: sum(series[kind][:8]) / 4 for kind in ("baseline", "plan")}
    assert before["baseline"] < 18
    assert before["plan"] == pytest.approx(21.7, abs=0.3)
    assert series["plan"][-1] == 0


def test_what_is_drawn_of_both_keeps_what_their_feeder_bears(pair: tuple[ChargePoint, ChargePoint]) -> None:
    series = drawn(*pair, starts_at=NOW, ends_at=NOW + HOUR, max_power_w=9_000)
    assert max(series["plan"]) == pytest.approx(12, abs=0.1)


def test_nobody_searches_for_pauses_to_draw_it(
    pair: tuple[ChargePoint, ChargePoint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repair, "keep_minimum_or_pause", lambda model: 1 / 0)
    assert max(drawn(*pair, starts_at=NOW, ends_at=NOW + HOUR, max_power_w=3_000)["plan"]) > 0
