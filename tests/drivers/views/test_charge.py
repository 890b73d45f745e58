"""The Charge screen."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chargepoints.models import ChargePoint, Evse, Reservation
from drivers.models import ChargeSession, Vehicle
from drivers.services import sessions
from tests import factories
from tests.factories import NOW
from tests.smac import world

pytestmark = pytest.mark.django_db
URL = "/charge/"


def fields(car: Vehicle, **values: Any) -> dict[str, Any]:
    return {"vehicle": car.pk, "mode": "cheap", "soc_percent": 40, "target_soc_percent": 60, "minutes": 120, **values}


def test_the_form_shows_the_reservation(mine: Client, reservation: Reservation) -> None:
    page = mine.get(URL).content.decode()
    assert reservation.evse.charge_point.identity in page
    assert "Cancel reservation" in page
    assert 'name="evse"' not in page


def test_the_form_offers_ones_own_charge_points_only(mine: Client, car: Vehicle, home_evse: Evse) -> None:
    factories.charge_point(owner=factories.driver(), identity="NOT-MINE")
    page = mine.get(URL).content.decode()
    assert home_evse.charge_point.identity in page
    assert "NOT-MINE" not in page


def test_a_reserved_charger_is_asked_for_as_long_as_the_need_takes_and_ones_own_for_longer(
    mine: Client, home_evse: Evse, reservation: Reservation
) -> None:
    # 40 % of 52 kWh at 11 kW, of which 92 % arrive: two hours and three minutes.
    assert mine.get(URL).context["form"]["minutes"].value() == 135
    assert mine.get(f"{URL}?soc_percent=10&target_soc_percent=90").context["form"]["minutes"].value() == 255
    assert mine.get(f"{URL}?soc_percent=70").context["form"]["minutes"].value() == 60
    assert mine.get(f"{URL}?soc_percent=-&target_soc_percent=\u0664").status_code == 200
    mine.post(reverse("drivers:booking-cancel", args=[reservation.pk]))
    assert mine.get(URL).context["form"]["minutes"].value() == 240


def test_the_time_follows_the_sliders_only_where_nobody_has_said_another(
    mine: Client, car: Vehicle, reservation: Reservation
) -> None:
    form = mine.get(URL).context["form"]
    assert form.minutes_per_percent == {car.pk: pytest.approx(52_000 / 100 / 11_000 / 0.92 * 60, abs=0.001)}
    wrong = mine.post(URL, fields(car, minutes=5))
    assert wrong.status_code == 422
    assert wrong.context["form"].minutes_per_percent == {}


def test_without_a_reservation_or_a_home_the_page_leads_to_the_map(mine: Client, car: Vehicle) -> None:
    assert "Find a station" in mine.get(URL).content.decode()


def test_a_page_with_nothing_to_fill_in_follows_when_a_session_begins_elsewhere(
    mine: Client, driver: Any, car: Vehicle, request: pytest.FixtureRequest
) -> None:
    page = mine.get(URL).content.decode()
    assert f'data-live="user.{driver.pk}.session" data-quiet hx-get="{URL}"' in page
    assert mine.get(URL, headers={"HX-Request": "true"}).status_code == 204
    request.getfixturevalue("waiting")
    assert mine.get(URL, headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_the_quote_tells_price_and_battery(mine: Client, car: Vehicle, reservation: Reservation) -> None:
    page = mine.post(reverse("drivers:quote"), fields(car)).content.decode()
    assert "Expected price" in page
    assert "60%" in page


def test_a_quote_for_an_unfinished_form_says_what_is_missing(
    mine: Client, car: Vehicle, reservation: Reservation
) -> None:
    page = mine.post(reverse("drivers:quote"), fields(car, target_soc_percent=20)).content.decode()
    assert "more than the battery holds now" in page


def test_charge_starts_a_session_with_the_promise_of_its_quote(
    mine: Client, car: Vehicle, reservation: Reservation
) -> None:
    assert mine.post(URL, fields(car))["Location"] == URL
    session = ChargeSession.objects.get()
    assert session.reservation == reservation
    assert session.need.mode == "cheap"
    assert float(session.quote["price"]) > 0
    assert 'data-look="starting"' in mine.get(URL).content.decode()


def test_charge_at_home(mine: Client, car: Vehicle, home_evse: Evse) -> None:
    assert mine.post(URL, fields(car, evse=home_evse.pk)).status_code == 302
    assert ChargeSession.objects.get().evse == home_evse


def test_another_drivers_home_is_no_choice(theirs: Client, other_driver: Any, home_evse: Evse) -> None:
    form = fields(factories.vehicle(other_driver), evse=home_evse.pk)
    assert theirs.post(URL, form).status_code == 422
    assert not ChargeSession.objects.exists()


def test_another_drivers_vehicle_is_no_choice(mine: Client, other_driver: Any, reservation: Reservation) -> None:
    assert mine.post(URL, fields(factories.vehicle(other_driver))).status_code == 422


def test_a_vehicle_whose_plug_does_not_fit_is_refused(mine: Client, driver: Any, home_evse: Evse) -> None:
    tesla = factories.vehicle(driver, connector_standard="TESLA_S")
    response = mine.post(URL, fields(tesla, evse=home_evse.pk))
    assert response.status_code == 422
    assert "does not fit" in response.content.decode()


def test_a_charger_that_went_away_is_told_in_words(mine: Client, car: Vehicle, home_evse: Evse) -> None:
    ChargePoint.objects.update(connection_key="")
    response = mine.post(URL, fields(car, evse=home_evse.pk))
    assert response.status_code == 409
    assert "cannot be reached" in response.content.decode()


def test_v2g_is_asked_for_only_where_car_and_charger_can(mine: Client, driver: Any) -> None:
    giving = factories.vehicle(driver, v2g=True, max_discharge_w=10_000)
    taking = factories.charge_point(owner=driver, max_discharge_w=10_000).evses.get()
    page = mine.get(URL).content.decode()
    assert f'data-v2g-vehicles="{giving.pk}"' in page
    assert f'data-v2g-evses="{taking.pk}"' in page
    mine.post(URL, fields(giving, evse=taking.pk, v2g="on", floor_soc_percent=35))
    need = ChargeSession.objects.get().need
    assert need.v2g_allowed
    assert need.floor_soc_percent == 35


def test_why_the_last_start_failed_stands_above_the_form(mine: Client, waiting: ChargeSession) -> None:
    sessions.give_up(session=waiting, reason="The charger refused to start.", now=NOW)
    assert "The charger refused to start." in mine.get(URL).content.decode()


@pytest.mark.parametrize(
    ("answer", "words"),
    [("NotSupported", "cannot show that it is reserved"), ("NoAnswer", "not confirmed your reservation")],
)
def test_a_driver_reads_what_the_charger_says_of_the_reservation(
    mine: Client, reservation: Reservation, answer: str, words: str
) -> None:
    assert "data-confirmation" not in mine.get(URL).content.decode()
    Reservation.objects.filter(pk=reservation.pk).update(charger_answer=answer)
    assert words in mine.get(URL).content.decode()


def test_a_driver_who_does_not_know_the_battery_says_so_and_charges(
    mine: Client, car: Vehicle, reservation: Reservation
) -> None:
    unknown = fields(car, soc_percent=99, soc_unknown="on")
    assert "Expected price" in mine.post(reverse("drivers:quote"), unknown).content.decode()
    assert mine.post(URL, unknown)["Location"] == URL
    need = ChargeSession.objects.get().need
    assert (need.soc_percent, need.soc_origin) == (25, "typical")


def test_the_quote_tells_what_waiting_saves(mine: Client, car: Vehicle, home_evse: Evse) -> None:
    world.prices((NOW, 0.60), (NOW + timedelta(hours=1), 0.10))
    co2 = world.series("co2", home_evse.charge_point.supply_point)
    for slot in range(16):
        world.value(co2, NOW + slot * world.QUARTER, 600 if slot < 4 else 200)
    page = mine.post(reverse("drivers:quote"), fields(car, evse=home_evse.pk, minutes=180)).content.decode()
    assert 'id="saving"' in page
    assert "less CO₂ and" in page
    assert "cheaper than charging at once" in page
    assert 'id="quote-line" hx-swap-oob="true"' in page


def test_the_quote_tells_what_giving_back_earns(mine: Client, driver: Any) -> None:
    giving = factories.vehicle(driver, v2g=True, max_discharge_w=10_000)
    tariff = factories.tariff(export_price_per_kwh=Decimal("0.60"))
    taking = factories.charge_point(owner=driver, max_discharge_w=10_000, tariff=tariff).evses.get()
    world.prices((NOW, 0.60), (NOW + timedelta(hours=1), 0.05))
    form = fields(giving, evse=taking.pk, soc_percent=70, target_soc_percent=80, minutes=240, floor_soc_percent=35)
    assert "would earn" in mine.post(reverse("drivers:quote"), form).content.decode()
    assert "Never below 35%." in mine.post(reverse("drivers:quote"), form | {"v2g": "on"}).content.decode()


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        ("not_used", "", "The time to plug in has passed"),
        ("cancelled", "The charger refused the reservation.", "The charger refused the reservation."),
    ],
)
def test_a_reservation_that_ended_by_itself_is_told_with_what_else_is_free(
    mine: Client, reservation: Reservation, status: str, reason: str, words: str
) -> None:
    near = factories.evse()
    Reservation.objects.update(status=status, closed_at=NOW)
    reservation.changes.create(status=status, reason=reason, at=NOW)
    page = mine.get(URL).content.decode()
    assert 'id="lapsed"' in page
    assert words in page
    assert near.charge_point.identity in page


def test_a_reservation_that_the_driver_gave_back_is_no_surprise(mine: Client, reservation: Reservation) -> None:
    mine.post(reverse("drivers:booking-cancel", args=[reservation.pk]))
    assert 'id="lapsed"' not in mine.get(URL).content.decode()


def test_a_driver_without_a_vehicle_is_led_to_the_shared_ones(mine: Client, home_evse: Evse) -> None:
    assert reverse("drivers:shared") in mine.get(URL).content.decode()
