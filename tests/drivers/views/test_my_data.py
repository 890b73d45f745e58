"""My data on the screen: take along, withdraw, erase."""

import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth import get_user_model
from django.test import AsyncClient, Client
from django.urls import reverse

from chargepoints.models import MeterValue
from drivers.models import ChargeSession, TermsAcceptance
from drivers.services import terms
from tests import factories
from tests.factories import NOW, PASSWORD, minutes

pytestmark = pytest.mark.django_db
EXPORT = "/me/data/export.json"


def test_the_file_is_whole_json_to_keep(mine: Client, driver: Any, car: Any) -> None:
    answer = mine.get(EXPORT)
    assert answer["Content-Type"] == "application/json"
    assert "attachment" in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    data = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert data["account"]["username"] == driver.username
    assert data["vehicles"][0]["plate"] == car.plate


@pytest.mark.django_db(transaction=True)
async def test_the_real_server_streams_the_same(transactional_db: None) -> None:
    def build() -> Any:
        person = factories.driver()
        row = factories.transaction(factories.evse(), person)
        facts = {"charge_point": row.charge_point, "evse_number": 1, "transaction": row, "measurand": "SoC"}
        MeterValue.objects.bulk_create(MeterValue(**facts, at=NOW + minutes(n), value=n) for n in range(50))
        return person

    person = await sync_to_async(build)()
    client = AsyncClient()
    await client.aforce_login(person)
    answer = await client.get(EXPORT, headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "identity"
    pieces = [piece async for piece in answer.streaming_content]  # type: ignore[attr-defined]
    assert len(pieces) > 10
    assert len(json.loads(b"".join(pieces))["transactions"][0]["meter_values"]) == 50


def test_strangers_get_nothing_and_others_their_own(client: Client, theirs: Client, driver: Any, car: Any) -> None:
    for address in (EXPORT, "/me/data/"):
        assert client.get(address)["Location"].startswith(reverse("identity:login"))
    assert client.post("/terms/withdraw/").status_code == 302
    text = b"".join(theirs.get(EXPORT).streaming_content).decode()  # type: ignore[attr-defined]
    assert car.plate not in text
    theirs.post("/terms/withdraw/")
    assert terms.accepted_by(driver)


def test_consent_is_withdrawn_and_only_the_public_map_is_left_until_it_is_given_again(mine: Client, car: Any) -> None:
    assert "Withdraw my consent" in mine.get("/me/data/").content.decode()
    mine.post("/terms/withdraw/")
    assert mine.get("/vehicles/")["Location"].startswith(reverse("drivers:terms"))
    assert mine.get("/").status_code == 200
    page = mine.get("/me/data/").content.decode()
    assert "withdrawn" in page
    assert mine.get(EXPORT).status_code == 200
    mine.post(reverse("drivers:terms"))
    assert mine.get("/vehicles/").status_code == 200


def test_withdrawing_is_refused_in_words_while_charging(mine: Client, charging: ChargeSession) -> None:
    page = mine.post("/terms/withdraw/", follow=True).content.decode()
    assert "End it and pick up your vehicle first" in page
    assert TermsAcceptance.objects.get(driver=charging.driver).withdrawn_at is None


def test_older_terms_can_be_read_but_not_accepted(mine: Client) -> None:
    page = mine.get("/terms/?version=1").content.decode()
    assert "older version" in page
    assert "I accept" not in page


def test_an_account_is_erased_unless_a_charge_is_under_way(mine: Client, driver: Any, car: Any) -> None:
    mine.post("/accounts/delete/", {"password": PASSWORD})
    assert not get_user_model().objects.filter(pk=driver.pk).exists()
    assert mine.get("/me/data/")["Location"].startswith(reverse("identity:login"))


def test_erasing_is_refused_in_words_while_charging(mine: Client, charging: ChargeSession) -> None:
    answer = mine.post("/accounts/delete/", {"password": PASSWORD})
    assert answer.status_code == 422
    assert "End it and pick up your vehicle first" in answer.content.decode()
    assert mine.get("/me/").status_code == 200
