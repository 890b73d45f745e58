"""Doubtful sessions, as staff see and decide them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chargepoints.models import Evse, MeterValue, Operator, Transaction, TransactionReview
from tests import factories
from tests.factories import NOW, minutes

pytestmark = pytest.mark.django_db
LIST = "dashboard:checks"


@pytest.fixture
def mine() -> Operator:
    return factories.operator("Mine")


@pytest.fixture
def evse(mine: Operator) -> Evse:
    return factories.evse(mine)


@pytest.fixture
def staff(client: Client, mine: Operator) -> Client:
    client.force_login(factories.staff(mine))
    return client


def doubtful(on: Evse, holder: Any = None, **facts: Any) -> Transaction:
    usual = {"flaw": "token refused: Invalid", "state": "quarantined", "energy_wh": 5_400.0, "ended_at": NOW}
    return factories.transaction(on, holder, started_at=NOW - minutes(60), **usual | facts)


def ids(client: Client, **query: str) -> list[int]:
    return [row.pk for row in client.get(reverse(LIST), query).context["page"].rows]


def decide(client: Client, row: Transaction, decision: str, **values: str) -> Any:
    return client.post(reverse("dashboard:check_decide", args=[row.pk]), {"decision": decision, **values})


def drawer(client: Client, row: Transaction) -> str:
    return client.get(reverse("dashboard:transaction", args=[row.pk])).content.decode().replace("\xa0", " ")


def test_what_waits_for_a_decision_is_shown_with_its_reason(staff: Client, evse: Evse) -> None:
    row, late = doubtful(evse), doubtful(evse, state="ended", flaw="doubtful meter stop", meter_stop_wh=9_400)
    factories.transaction(evse, ended_at=NOW)
    factories.transaction(evse, flaw="clock was wrong: 1970-01-01T00:00:00+00:00")
    assert ids(staff) == [late.pk, row.pk]
    page = staff.get(reverse(LIST)).content.decode().replace("\xa0", " ")
    assert "The card was refused" in page
    assert "cannot be true" in page
    assert "4.00 kWh" in page  # what the last value claims beyond 5.4


def test_a_decision_moves_it_to_the_decided_and_says_whose_it_was(staff: Client, evse: Evse) -> None:
    row = doubtful(evse)
    answer = staff.post(
        reverse("dashboard:check_decide", args=[row.pk]),
        {"decision": "accepted", "note": "a guest's card"},
        headers={"HX-Request": "true"},
    )
    assert answer.headers["HX-Redirect"] == reverse(LIST)
    assert ids(staff) == []
    assert ids(staff, decided="decided") == ids(staff, decided="") == [row.pk]
    review = TransactionReview.objects.get()
    assert review.decided_by is not None
    page = drawer(staff, row)
    assert review.decided_by.username in page
    assert "a guest&#x27;s card" in page
    assert "Billed as it stands" in page


def test_the_drawer_tells_which_readings_are_not_believed(staff: Client, evse: Evse) -> None:
    row = doubtful(evse)
    values = {"charge_point": evse.charge_point, "evse_number": 1, "measurand": "Energy.Active.Import.Register"}
    for flaw, value in (("backwards", 3.0), ("", 4.0)):
        MeterValue.objects.create(transaction=row, at=NOW - minutes(value), value=value, unit="Wh", flaw=flaw, **values)
    page = drawer(staff, row)
    assert page.count("less than before") == 1
    assert "Bill the 5.40 kWh" in page


def test_a_plain_session_asks_for_no_decision(staff: Client, evse: Evse) -> None:
    assert "Billed as it stands" not in drawer(staff, factories.transaction(evse, ended_at=NOW))


@pytest.mark.parametrize("decision", ["", "free of charge", "seen"])
def test_what_is_no_decision_changes_nothing(staff: Client, evse: Evse, decision: str) -> None:
    row = doubtful(evse)
    assert decide(staff, row, decision).status_code == 302
    assert not TransactionReview.objects.exists()
    assert ids(staff) == [row.pk]


@pytest.mark.parametrize("role", ["anonymous", "driver", "other staff"])
def test_a_stranger_decides_nothing_and_sees_nothing(client: Client, evse: Evse, role: str) -> None:
    row = doubtful(evse)
    if role != "anonymous":
        client.force_login(factories.driver() if role == "driver" else factories.staff(factories.operator()))
    expected = {"anonymous": 302, "driver": 403, "other staff": 404}[role]
    assert decide(client, row, "accepted").status_code == expected
    assert not TransactionReview.objects.exists()
    if role == "other staff":
        assert ids(client, decided="") == []


def test_the_list_is_read_with_few_queries(staff: Client, evse: Evse, django_assert_max_num_queries: Any) -> None:
    for _ in range(25):
        decide(staff, doubtful(evse, factories.driver()), "declined")
    with django_assert_max_num_queries(15):
        assert len(ids(staff, decided="")) == 25
