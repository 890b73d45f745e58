"""Changing a session that runs."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chargepoints.models import Evse
from drivers.models import ChargeSession, Vehicle
from drivers.services import sessions
from smac.models import ChargingNeed
from smac.services import needs, planning
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(charging: ChargeSession) -> ChargeSession:
    needs.attach(transaction=charging.transaction, now=NOW)
    planning.run(supply_point_id=charging.evse.charge_point.supply_point_id, now=NOW)
    return charging


def address(name: str, session: ChargeSession) -> str:
    return reverse(f"drivers:session-{name}", args=[session.pk])


def fields(**values: Any) -> dict[str, Any]:
    return {"mode": "fast", "soc_percent": 40, "target_soc_percent": 60, "minutes": 90, **values}


def test_the_form_begins_with_what_holds(mine: Client, running: ChargeSession) -> None:
    page = mine.get(address("change", running)).content.decode()
    assert 'value="basic" checked' in page
    assert 'name="minutes"' in page
    assert 'value="120"' in page
    assert 'name="vehicle"' not in page
    assert 'name="v2g"' not in page


def test_the_new_quote_stands_beside_what_is_expected_without_the_change(mine: Client, running: ChargeSession) -> None:
    page = mine.post(address("change-quote", running), fields()).content.decode()
    for words in ('id="change-price"', "60%", "Cost so far", "Without the change:", 'hx-swap-oob="true"'):
        assert words in page
    assert ChargingNeed.objects.get().mode == "basic"


def test_a_quote_for_what_makes_no_sense_says_so(mine: Client, running: ChargeSession) -> None:
    page = mine.post(address("change-quote", running), fields(target_soc_percent=30)).content.decode()
    assert "more than the battery holds now" in page


def test_confirming_changes_the_session(mine: Client, running: ChargeSession) -> None:
    page = mine.post(address("change", running), fields(), follow=True).content.decode()
    need, session = ChargingNeed.objects.get(), ChargeSession.objects.get()
    assert (need.mode, need.target_soc_percent) == ("fast", 60)
    assert session.planned_end_at == NOW + timedelta(minutes=90)
    assert "A new plan is on its way." in page
    assert "wanted 60%" in page


def test_the_end_stays_to_the_second_where_the_minutes_stay(mine: Client, running: ChargeSession) -> None:
    ChargeSession.objects.update(planned_end_at=NOW + timedelta(minutes=120, seconds=20))
    mine.post(address("change", running), fields(minutes=120))
    assert ChargeSession.objects.get().planned_end_at == NOW + timedelta(minutes=120, seconds=20)


@pytest.mark.parametrize(("values", "status"), [({"minutes": ""}, 422), ({"target_soc_percent": 35}, 409)])
def test_a_form_that_cannot_be_comes_back(
    mine: Client, running: ChargeSession, values: dict[str, Any], status: int
) -> None:
    assert mine.post(address("change", running), fields(**values)).status_code == status
    assert ChargingNeed.objects.get().mode == "basic"


def test_a_session_that_is_over_is_not_changed(mine: Client, running: ChargeSession) -> None:
    sessions.finished(session=running, ended_at=NOW)
    answer = mine.post(address("change", running), fields())
    assert answer.status_code == 409
    assert "This session is over." in answer.content.decode()


def test_a_card_start_asks_for_vehicle_battery_and_time(
    mine: Client, driver: Any, car: Vehicle, public_evse: Evse
) -> None:
    other = factories.vehicle(driver, brand="Kia")
    need = factories.transaction(public_evse, driver)
    session = ChargeSession.objects.create(
        driver=driver,
        evse=public_evse,
        need=needs.attach(transaction=need, now=NOW),
        transaction=need,
        state="charging",
        started_by_card=True,
        requested_at=NOW,
        planned_end_at=NOW + timedelta(hours=4),
    )
    card = mine.get("/charge/").content.decode()
    assert 'id="started-by-card"' in card
    assert "Say what you need" in card
    assert "Kia" in mine.get(address("change", session)).content.decode()
    mine.post(address("change", session), fields(vehicle=other.pk, soc_percent=30))
    session.refresh_from_db()
    assert (session.vehicle, session.has_wish) == (other, True)
    assert "Change mode, target or time" in mine.get("/charge/").content.decode()


def test_one_tap_stops_giving_back(mine: Client, running: ChargeSession) -> None:
    ChargingNeed.objects.update(v2g_allowed=True)
    assert 'id="stop-v2g"' in mine.get("/charge/").content.decode()
    mine.post(address("v2g-stop", running))
    assert not ChargingNeed.objects.get().v2g_allowed
    assert 'id="stop-v2g"' not in mine.get("/charge/").content.decode()


@pytest.mark.parametrize("name", ["change", "change-quote", "v2g-stop"])
def test_another_drivers_session_does_not_exist(theirs: Client, running: ChargeSession, name: str) -> None:
    assert theirs.post(address(name, running), fields()).status_code == 404
    assert ChargingNeed.objects.get().mode == "basic"


@pytest.mark.parametrize("name", ["change", "change-quote", "v2g-stop"])
def test_strangers_are_asked_to_log_in(client: Client, running: ChargeSession, name: str) -> None:
    assert "/accounts/login/" in client.post(address(name, running), fields())["Location"]
