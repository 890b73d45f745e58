"""The operator's own cards."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chargepoints.models import ChargePoint, IdToken, LocalListEntry, Operator
from chargepoints.services import id_tokens
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LIST = "dashboard:tokens"


@pytest.fixture
def mine() -> Operator:
    return factories.operator("Mine")


@pytest.fixture
def staff(client: Client, mine: Operator) -> Client:
    client.force_login(factories.staff(mine))
    return client


def card(of: Operator, token: str = "FLEET-1", **values: Any) -> IdToken:
    return id_tokens.issue(operator=of, token=token, **values)


def shown(client: Client, **query: str) -> list[str]:
    return [row.token for row in client.get(reverse(LIST), query).context["page"].rows]


def save(client: Client, row: IdToken, **values: Any) -> Any:
    return client.post(reverse("dashboard:token", args=[row.pk]), values)


def test_a_card_is_entered_with_all_that_it_may(staff: Client, mine: Operator) -> None:
    driver = factories.driver("ann")
    factories.supply_point(mine)  # its days end in Berlin
    form = {"token": "04a1b2c3", "token_type": "ISO14443", "driver": "Ann", "parent": "FLEET"}
    staff.post(reverse("dashboard:token_add"), form | {"expires_at": "2027-01-31", "allows_concurrent": "on"})
    made = IdToken.objects.get()
    assert (made.operator, made.driver, made.key, made.parent) == (mine, driver, "04A1B2C3", "FLEET")
    assert made.allows_concurrent
    assert made.expires_at == datetime(2027, 1, 31, 23, tzinfo=UTC)
    page = staff.get(reverse("dashboard:token", args=[made.pk])).content.decode()
    assert "2027-01-31" in page


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"token": "x"}, "4 to 36 letters"),
        ({"token": "TAKEN-1"}, "registered already"),
        ({"token": "NEW-1", "driver": "nobody"}, "no user of this name"),
        ({"token": "NEW-1", "parent": "THEIRS"}, "belongs to somebody else"),
    ],
)
def test_a_card_that_cannot_be_is_refused_in_words(staff: Client, form: dict[str, str], words: str) -> None:
    card(factories.operator("Other"), "TAKEN-1", parent="THEIRS")
    answer = staff.post(reverse("dashboard:token_add"), {"token_type": "ISO14443", **form})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert IdToken.objects.count() == 1


def test_a_card_is_changed_and_blocked_and_used_again(staff: Client, mine: Operator) -> None:
    row = card(mine, parent="FLEET", allows_concurrent=True)
    save(staff, row, driver="", parent="SERVICE")
    row.refresh_from_db()
    assert (row.parent, row.allows_concurrent, row.expires_at) == ("SERVICE", False, None)
    for status in ("blocked", "active"):
        staff.post(reverse("dashboard:token_block", args=[row.pk]))
        row.refresh_from_db()
        assert row.status == status


def test_a_driver_s_own_group_survives_a_change_of_the_card(staff: Client, mine: Operator) -> None:
    driver = factories.driver("ann")
    factories.id_token(driver)
    row = card(mine, driver=driver)
    assert row.parent
    page = staff.get(reverse("dashboard:token", args=[row.pk])).content.decode()
    assert row.parent not in page
    save(staff, row, driver="ann", parent="")
    assert IdToken.objects.get(pk=row.pk).parent == row.parent


def test_the_lists_that_have_a_card_are_counted(staff: Client, mine: Operator) -> None:
    row = card(mine)
    points = [factories.charge_point(mine) for _ in range(3)]
    ChargePoint.objects.exclude(pk=points[2].pk).update(local_list_version=4)
    LocalListEntry.objects.create(charge_point=points[0], token=row.token, key=row.key, status="Accepted")
    page = staff.get(reverse("dashboard:token", args=[row.pk])).content.decode()
    assert "1 of 2 chargers that keep a list have it" in page


def test_the_master_pass_is_named_and_shown(staff: Client, mine: Operator) -> None:
    card(mine, "SERVICE-1", parent="service")
    assert "Master pass</span>" not in staff.get(reverse(LIST)).content.decode()
    staff.post(reverse("dashboard:master_pass"), {"group": "SERVICE"})
    mine.refresh_from_db()
    assert mine.master_pass_group == "SERVICE"
    page = staff.get(reverse(LIST)).content.decode()
    assert page.count("Master pass") == 2  # the heading, and the card


def test_a_foreign_group_becomes_no_master_pass(staff: Client, mine: Operator) -> None:
    card(factories.operator("Other"), parent="THEIRS")
    answer = staff.post(reverse("dashboard:master_pass"), {"group": "THEIRS"}, follow=True)
    assert "belongs to somebody else" in answer.content.decode()
    mine.refresh_from_db()
    assert mine.master_pass_group == ""


def test_cards_are_found_by_number_group_driver_and_status(staff: Client, mine: Operator) -> None:
    driver = factories.driver("herta")
    card(mine, "AAAA"), card(mine, "BBBB", parent="FLEET"), card(mine, "CCCC", driver=driver)
    id_tokens.set_blocked(id_token=IdToken.objects.get(token="AAAA"), blocked=True)
    assert shown(staff) == ["CCCC", "BBBB", "AAAA"]
    assert shown(staff, q="aaa") == ["AAAA"]
    assert shown(staff, q="fleet") == ["BBBB"]
    assert shown(staff, q="herta") == ["CCCC"]
    assert shown(staff, status="blocked") == ["AAAA"]


def test_pages_go_on_by_key(staff: Client, mine: Operator) -> None:
    for number in range(30):
        card(mine, f"CARD{number:02}")
    first = staff.get(reverse(LIST)).context["page"]
    assert len(first.rows) == 25
    assert shown(staff, before=str(first.older)) == [f"CARD{number:02}" for number in range(4, -1, -1)]


def test_neither_drivers_own_cards_nor_their_apps_nor_other_operators_cards_stand_there(
    staff: Client, mine: Operator
) -> None:
    factories.id_token(factories.driver())
    foreign = card(factories.operator("Other"))
    app = IdToken.objects.create(token="APPX", key="APPX", type="Central", operator=mine)
    assert shown(staff) == []
    for row in (foreign, app):
        for name in ("dashboard:token", "dashboard:token_block"):
            assert staff.post(reverse(name, args=[row.pk]), {"parent": ""}).status_code == 404
    assert set(IdToken.objects.values_list("status", flat=True)) == {"active"}


@pytest.mark.parametrize("role", ["anonymous", "driver", "grid operator", "other staff"])
def test_a_stranger_changes_nothing(client: Client, mine: Operator, role: str) -> None:
    row = card(mine)
    people = {
        "driver": factories.driver,
        "grid operator": factories.grid_operator,
        "other staff": lambda: factories.staff(factories.operator()),
    }
    if role in people:
        client.force_login(people[role]())
    expected = {"anonymous": 302, "other staff": 404}.get(role, 403)
    assert client.post(reverse("dashboard:token_block", args=[row.pk])).status_code == expected
    assert save(client, row, parent="X").status_code == expected
    row.refresh_from_db()
    assert (row.status, row.parent) == ("active", "")


def test_the_list_is_read_with_few_queries(staff: Client, mine: Operator, django_assert_max_num_queries: Any) -> None:
    for number in range(25):
        factories.transaction(
            factories.evse(mine), id_token=card(mine, f"CARD{number:02}", driver=factories.driver()), ended_at=NOW
        )
    with django_assert_max_num_queries(9):
        staff.get(reverse(LIST))
