"""Drivers' wishes."""

from datetime import timedelta

import pytest

from chargepoints.domain.errors import Refused
from smac.models import ChargingNeed, PlanningState
from smac.services import needs
from smac.snapshot.sessions import energy_wh
from tests import factories
from tests.smac import world
from tests.smac.world import HOUR, NOW

pytestmark = pytest.mark.django_db


def test_a_stated_need_is_announced_and_asks_for_a_plan():
    evse = factories.evse()
    need = world.state(evse)
    assert (need.status, need.is_assumed) == ("announced", False)
    state = PlanningState.objects.get()
    assert (state.supply_point_id, state.reason) == (evse.charge_point.supply_point_id, "need stated")


def test_a_second_statement_replaces_the_first():
    evse, driver = factories.evse(), factories.driver()
    first, second = world.state(evse, driver), world.state(evse, driver)
    first.refresh_from_db()
    assert (first.status, second.status) == ("closed", "announced")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"mode": "wild"}, "This charging mode does not exist."),
        ({"battery_capacity_wh": 0}, "The battery capacity is missing."),
        ({"soc_percent": 101}, "The battery charge must be between 0 and 100 %."),
        ({"target_soc_percent": 0}, "The wanted charge must be between 1 and 100 %."),
        ({"floor_soc_percent": -1}, "The floor must be between 0 and 100 %."),
        ({"departure_at": NOW}, "The departure must be in the future."),
        ({"departure_at": NOW + 8 * 24 * HOUR}, "The departure is too far away: seven days at most."),
    ],
)
def test_an_impossible_need_is_refused_in_words(values, words):
    with pytest.raises(Refused) as refusal:
        world.state(factories.evse(), **values)
    assert str(refusal.value) == words
    assert ChargingNeed.objects.count() == 0


def test_a_transaction_takes_the_need_of_its_driver_once():
    evse, driver = factories.evse(), factories.driver()
    need = world.state(evse, driver)
    row = factories.transaction(evse, driver)
    assert needs.attach(transaction=row, now=NOW) == need
    assert needs.attach(transaction=row, now=NOW) == need
    need.refresh_from_db()
    assert (need.status, need.transaction) == ("running", row)


def test_a_need_of_somebody_else_or_of_yesterday_is_not_taken():
    evse, driver = factories.evse(), factories.driver()
    world.state(evse)
    world.state(evse, driver, now=NOW - HOUR, departure_at=NOW + HOUR)
    attached = needs.attach(transaction=factories.transaction(evse, driver), now=NOW)
    assert attached.is_assumed


def test_a_car_that_came_with_a_card_only_gets_an_assumed_need_that_says_so():
    evse = factories.evse()
    need = needs.attach(transaction=factories.transaction(evse), now=NOW)
    assert (need.is_assumed, need.mode, need.status) == (True, "basic", "running")
    assert need.departure_at == NOW + 4 * HOUR
    assert need.max_charge_w == evse.max_power_w


def test_a_car_whose_charge_nobody_knows_is_never_stopped_by_the_guess():
    evse = factories.evse()
    row = factories.transaction(evse)
    need = needs.attach(transaction=row, now=NOW)
    row.energy_wh = 45_000
    need.transaction = row
    assert need.target_soc_percent / 100 * need.battery_capacity_wh - energy_wh(need) == 5_000


def test_whoever_was_left_open_at_the_evse_is_closed():
    evse = factories.evse()
    old, _ = world.running(evse, now=NOW - HOUR, departure_at=NOW + HOUR)
    new, _ = world.running(evse)
    old.refresh_from_db()
    assert (old.status, new.status) == ("closed", "running")


def test_a_transaction_that_is_over_gets_no_need():
    row = factories.transaction(factories.evse(), state="ended")
    assert needs.attach(transaction=row, now=NOW) is None


def test_the_end_of_the_transaction_closes_the_need_once():
    need, row = world.running(factories.evse())
    PlanningState.objects.update(requested_at=None)
    needs.close(transaction=row, now=NOW + HOUR)
    needs.close(transaction=row, now=NOW + 2 * HOUR)
    need.refresh_from_db()
    assert (need.status, need.closed_at) == ("closed", NOW + HOUR)
    assert PlanningState.objects.get().reason == "session ended"


def test_a_withdrawn_announcement_is_closed_and_a_running_need_stays():
    announced = world.state(factories.evse())
    running, _ = world.running(factories.evse())
    for need in (announced, running):
        needs.withdraw(need=need, now=NOW)
        need.refresh_from_db()
    assert (announced.status, running.status) == ("closed", "running")


def test_a_running_need_can_change_and_asks_for_a_plan():
    need, _ = world.running(factories.evse())
    PlanningState.objects.update(requested_at=None)
    changed = needs.change_need(need=need, changes={"mode": "fast", "target_soc_percent": 90.0}, now=NOW)
    changed.refresh_from_db()
    assert (changed.mode, changed.target_soc_percent) == ("fast", 90)
    assert PlanningState.objects.get().reason == "need changed"


def test_a_driver_who_tells_the_batterys_charge_now_is_believed_from_now_on():
    need, row = world.running(factories.evse())
    world.meter(row, (NOW, 0.0), (NOW + HOUR, 10_000.0))
    need = needs.change_need(need=need, changes={"soc_percent": 60.0}, now=NOW + HOUR)
    assert energy_wh(need) == pytest.approx(24_000)
    world.meter(row, (NOW + timedelta(minutes=70), 11_000.0))
    need.transaction.refresh_from_db()
    assert energy_wh(need) == pytest.approx(24_000 + 920)


def test_a_session_that_is_over_cannot_change():
    need, row = world.running(factories.evse())
    needs.close(transaction=row, now=NOW)
    with pytest.raises(Refused, match="This session is over"):
        needs.change_need(need=need, changes={"mode": "fast"}, now=NOW)


def test_a_change_to_the_past_is_refused_and_a_strange_field_is_a_mistake():
    need, _ = world.running(factories.evse())
    with pytest.raises(Refused):
        needs.change_need(need=need, changes={"departure_at": NOW - HOUR}, now=NOW)
    with pytest.raises(ValueError, match="driver"):
        needs.change_need(need=need, changes={"driver": None}, now=NOW)


def test_what_the_driver_says_is_the_drivers_word():
    need = world.state(factories.evse(), soc_percent=33.0)
    assert (need.soc_percent, need.soc_origin, need.soc_uncertainty_percent) == (33.0, "stated", 5.0)


def test_a_driver_who_does_not_know_the_charge_is_helped_out_and_the_row_says_so():
    evse, driver = factories.evse(), factories.driver()
    need = world.state(evse, driver, soc_percent=None)
    assert (need.soc_percent, need.soc_origin, need.soc_uncertainty_percent) == (25.0, "typical", 25.0)
    needs.change_need(need=need, changes={"soc_percent": 60.0}, now=NOW)
    need.refresh_from_db()
    assert (need.soc_percent, need.soc_origin, need.soc_uncertainty_percent) == (60.0, "stated", 5.0)


def test_charges_on_the_way_are_kept_with_the_need():
    at = NOW + HOUR
    need = world.state(factories.evse(), earlier_targets=[(at, 35.0)])
    assert list(need.targets.values_list("at", "soc_percent")) == [(at, 35.0)]


@pytest.mark.parametrize(
    "targets", [[(NOW + HOUR, 0.0)], [(NOW + 2 * HOUR, 40.0)], [(NOW, 40.0)], [(NOW + HOUR, 30.0), (NOW + HOUR, 40.0)]]
)
def test_a_charge_on_the_way_that_cannot_be_is_refused(targets):
    with pytest.raises(Refused):
        world.state(factories.evse(), earlier_targets=targets)
    assert ChargingNeed.objects.count() == 0


def test_what_is_known_of_the_car_is_kept_and_the_rest_is_as_usual():
    need = world.state(factories.evse(), car=needs.Car(phases=1, charge_efficiency=0.88))
    need.refresh_from_db()
    assert (need.phases, need.charge_efficiency, need.discharge_efficiency) == (1, 0.88, 0.92)
    assert (need.taper_from_percent, float(need.wear_cost_per_kwh)) == (None, 0.05)


def test_a_card_that_came_before_brings_its_drivers_battery():
    evse, driver = factories.evse(), factories.driver()
    _, row = world.running(evse, driver=driver, battery_capacity_wh=77_000)
    row.state = "ended"
    row.save()
    needs.close(transaction=row, now=NOW)
    again = factories.transaction(evse, driver)
    need = needs.attach(transaction=again, now=NOW + HOUR)
    assert (need.is_assumed, need.battery_capacity_wh, need.soc_origin) == (True, 77_000, "last")
