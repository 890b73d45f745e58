"""The administrator's table and dialog."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chargepoints.models import ChargePointGroup
from gridops.models import GridOperator
from tests import factories
from tests.gridops.conftest import Area, browser

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def chief(area: Area) -> Any:
    return factories.grid_operator(area.group, is_administrator=True)


@pytest.fixture
def office(chief: Any) -> Client:
    return browser(chief)


def form(area: Area, **changes: Any) -> dict[str, Any]:
    who = {"username": "eva", "email": "eva@example.org", "password": "plain-sky-77", "password_again": "plain-sky-77"}
    return {**who, "groups": [area.group.pk], **changes}


def test_the_tab_is_there_for_administrators_only(area: Area, office: Client, console: Client) -> None:
    address = reverse("gridops:users")
    assert address in office.get(reverse("gridops:status")).text
    assert address not in console.get(reverse("gridops:status")).text
    for name, things in (("users", {}), ("user_add", {}), ("user", {"pk": 1}), ("user_remove", {"pk": 1})):
        assert console.get(reverse(f"gridops:{name}", kwargs=things)).status_code == 403


def test_the_table_says_who_may_limit_what(area: Area, office: Client) -> None:
    text = office.get(reverse("gridops:users")).text
    assert area.dso.username in text
    assert area.dso.email in text
    assert "Steinheim" in text
    assert area.other_dso.username not in text
    assert "Athens" not in text


def test_a_user_is_added_and_logs_in_with_the_password(area: Area, office: Client) -> None:
    answer = office.post(reverse("gridops:user_add"), form(area), headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, reverse("gridops:users"))
    assert Client().login(username="eva", password="plain-sky-77")
    assert "The user is added." in office.get(reverse("gridops:users")).text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"password_again": "other-sky-77"}, "The two passwords are not the same."),
        ({"password": "password", "password_again": "password"}, "too common"),
        ({"groups": []}, "Choose at least one group"),
        ({"email": "no address"}, "valid email"),
        ({"username": "with blank"}, "valid username"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(
    area: Area, office: Client, change: dict[str, Any], words: str
) -> None:
    answer = office.post(reverse("gridops:user_add"), form(area, **change), headers=HTMX)
    assert answer.status_code == 422
    assert words in answer.text
    assert not GridOperator.objects.filter(user__username="eva").exists()


def test_a_name_that_is_taken_is_said_so(area: Area, office: Client) -> None:
    answer = office.post(reverse("gridops:user_add"), form(area, username=area.dso.username.upper()), headers=HTMX)
    assert "This user name is taken." in answer.text


def test_the_dialog_of_a_known_user_has_no_password_and_takes_none(area: Area, office: Client) -> None:
    person, feeder = area.dso.grid_operator, ChargePointGroup.objects.get(name="Feeder 1")
    address = reverse("gridops:user", kwargs={"pk": person.pk})
    shown = office.get(address, headers=HTMX).text
    assert "password" not in shown
    assert f'value="{area.group.pk}" id="person-group-{area.group.pk}" checked' in shown
    before = area.dso.password
    values = form(area, username=area.dso.username, groups=[feeder.pk], is_administrator="on")
    assert office.post(address, values).status_code == 302
    area.dso.refresh_from_db()
    person.refresh_from_db()
    assert (area.dso.password, area.dso.email) == (before, "eva@example.org")
    assert (list(person.groups.all()), person.is_administrator) == ([feeder], True)


def test_somebody_is_removed_after_one_question(area: Area, office: Client) -> None:
    address = reverse("gridops:user_remove", kwargs={"pk": area.dso.grid_operator.pk})
    assert f"Remove {area.dso.username}?" in office.get(address).text
    assert GridOperator.objects.filter(user=area.dso).exists()
    office.post(address)
    assert not GridOperator.objects.filter(user=area.dso).exists()
    assert browser(area.dso).get(reverse("gridops:status")).status_code != 200


def test_the_last_administrator_is_told_why_to_stay(area: Area, chief: Any, office: Client) -> None:
    address = reverse("gridops:user_remove", kwargs={"pk": chief.grid_operator.pk})
    assert "This is you" in office.get(address, headers=HTMX).text
    answer = office.post(address, headers=HTMX)
    assert answer.status_code == 422
    assert "last administrator of Steinheim" in answer.text
    assert GridOperator.objects.filter(user=chief).exists()
