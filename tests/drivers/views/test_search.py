"""Search & rank as the browser sees it."""

import pytest
from django.test import Client
from django.urls import reverse

from drivers.models import Vehicle
from tests import factories
from tests.drivers.views.conftest import HTMX

pytestmark = pytest.mark.django_db
URL = "drivers:search"


def query(car: Vehicle, **values: object) -> dict[str, object]:
    return {"vehicle": car.pk, "distance_km": 30, "soc_percent": 40, "target_soc_percent": 80, **values}


def test_the_answer_holds_rank_and_colour_of_all_four_modes(mine: Client, car: Vehicle) -> None:
    factories.charge_point()
    page = mine.get(reverse(URL), query(car, mode="cheap"), headers=HTMX).content.decode()
    for mode in ("basic", "green", "fast", "cheap"):
        assert f'data-rank-{mode}="1"' in page
        assert f'data-colour-{mode}="4"' in page
    assert 'data-mode="cheap"' in page


def test_the_address_keeps_the_search_and_answers_it_again(mine: Client, car: Vehicle) -> None:
    factories.charge_point()
    response = mine.get(reverse(URL), query(car), headers=HTMX)
    assert response["HX-Push-Url"].startswith("/?")
    assert "1 free station fits" in mine.get(response["HX-Push-Url"]).content.decode()


def test_without_scripts_the_search_is_a_page(mine: Client, car: Vehicle) -> None:
    assert mine.get(reverse(URL), query(car))["Location"].startswith("/?")


def test_an_impossible_wish_comes_back_with_the_form(mine: Client, car: Vehicle) -> None:
    response = mine.get(reverse(URL), query(car, soc_percent=90), headers=HTMX)
    assert response.status_code == 422
    assert response["HX-Retarget"] == "#panel-search"
    assert "more than the battery holds now" in response.content.decode()


def test_another_drivers_vehicle_cannot_be_searched_with(theirs: Client, car: Vehicle) -> None:
    assert theirs.get(reverse(URL), query(car), headers=HTMX).status_code == 422


def test_nothing_found_says_what_to_do(mine: Client, car: Vehicle) -> None:
    assert "No free station fits" in mine.get(reverse(URL), query(car), headers=HTMX).content.decode()


def test_a_position_beyond_the_earth_is_refused(mine: Client, car: Vehicle) -> None:
    answer = mine.get(reverse(URL), query(car, latitude=91, longitude=0), headers=HTMX)
    assert answer.status_code == 422
