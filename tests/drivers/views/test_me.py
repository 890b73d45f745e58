"""Profile, charge cards, terms, and the icon in the top bar."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chargepoints.models import IdToken, Reservation
from chargepoints.services import authorization
from drivers.models import TermsAcceptance
from tests import factories

pytestmark = pytest.mark.django_db


def test_personal_data_and_language_are_saved(mine: Client, driver: Any) -> None:
    mine.post(reverse("drivers:me"), {"first_name": "Ann", "last_name": "Frei", "language": "de"})
    driver.refresh_from_db()
    assert (driver.first_name, driver.last_name, driver.language) == ("Ann", "Frei", "de")


def test_a_card_is_added_and_listed(mine: Client, driver: Any) -> None:
    mine.post(reverse("drivers:card-add"), {"token": " 04a2b3c4 "})
    card = IdToken.objects.get(driver=driver)
    assert card.key == "04A2B3C4"
    assert "04a2b3c4" in mine.get(reverse("drivers:me")).content.decode()


def test_a_card_of_somebody_else_is_refused_without_telling_whose(mine: Client, other_driver: Any) -> None:
    factories.id_token(other_driver, token="04A2B3C4")
    response = mine.post(reverse("drivers:card-add"), {"token": "04a2b3c4"})
    assert response.status_code == 422
    assert "registered already" in response.content.decode()
    assert other_driver.username not in response.content.decode()


@pytest.mark.parametrize("token", ["", "abc", "x" * 21, "<script>", "APP00000042", "app00000042"])
def test_what_is_no_card_is_refused(mine: Client, token: str) -> None:
    assert mine.post(reverse("drivers:card-add"), {"token": token}).status_code == 422
    assert not IdToken.objects.exists()


def test_a_lost_card_is_blocked_and_can_be_used_again(mine: Client, driver: Any) -> None:
    card = factories.id_token(driver)
    for status in (IdToken.Status.BLOCKED, IdToken.Status.ACTIVE):
        mine.post(reverse("drivers:card-block", args=[card.pk]))
        card.refresh_from_db()
        assert card.status == status


def test_a_card_that_was_never_used_is_removed_a_used_one_stays(mine: Client, driver: Any) -> None:
    card, used = factories.id_token(driver), factories.id_token(driver)
    factories.transaction(factories.evse(), driver, id_token=used)
    for one in (card, used):
        mine.post(reverse("drivers:card-remove", args=[one.pk]))
    assert list(IdToken.objects.all()) == [used]


def test_another_drivers_card_is_not_found(theirs: Client, driver: Any) -> None:
    card = factories.id_token(driver)
    for name in ("card-remove", "card-block"):
        assert theirs.post(reverse(f"drivers:{name}", args=[card.pk])).status_code == 404
    assert IdToken.objects.get().status == IdToken.Status.ACTIVE


def test_the_pages_speak_the_language_that_was_chosen_and_name_each_in_its_own_words(mine: Client) -> None:
    page = mine.get(reverse("drivers:me")).content.decode()
    assert all(name in page for name in ("English", "Deutsch", "Ελληνικά", "Español"))
    mine.post(reverse("drivers:me"), {"first_name": "", "last_name": "", "language": "de"})
    assert 'lang="de"' in mine.get(reverse("drivers:me")).content.decode()


def test_the_apps_own_token_is_not_shown_as_a_card(mine: Client, driver: Any) -> None:
    token = authorization.app_token(driver=driver)
    assert token.token not in mine.get(reverse("drivers:me")).content.decode()
    assert mine.post(reverse("drivers:card-block", args=[token.pk])).status_code == 404


def test_terms_are_accepted_once_and_lead_back(as_user: Callable[[Any], Client]) -> None:
    person = factories.user()
    client = as_user(person)
    for _ in range(2):
        assert client.post(reverse("drivers:terms"), {"next": "/vehicles/"})["Location"] == "/vehicles/"
    assert TermsAcceptance.objects.filter(driver=person).count() == 1
    assert client.get("/vehicles/").status_code == 200


def test_anybody_may_read_the_terms_but_a_stranger_accepts_nothing(client: Client) -> None:
    assert "Terms of use" in client.get(reverse("drivers:terms")).content.decode()
    assert client.post(reverse("drivers:terms"))["Location"].startswith(reverse("identity:login"))
    assert not TermsAcceptance.objects.exists()


def test_the_top_bar_is_blue_while_a_reservation_is_held(mine: Client, reservation: Reservation) -> None:
    assert "status-icon--reserved" in mine.get(reverse("drivers:status")).content.decode()


def test_the_top_bar_of_others_stays_empty(theirs: Client, reservation: Reservation) -> None:
    assert "status-icon" not in theirs.get(reverse("drivers:status")).content.decode()
