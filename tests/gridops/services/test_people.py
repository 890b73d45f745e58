"""Who manages whom, and what nobody may do."""

from typing import Any

import pytest
from django.core import mail

from chargepoints.domain.errors import Refused
from chargepoints.models import ChargePointGroup, OperatorStaff
from gridops.access import charge_points_of
from gridops.models import GridOperator
from gridops.services import people
from tests import factories
from tests.gridops.conftest import Area, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(area: Area) -> GridOperator:
    """The administrator of the whole of Steinheim."""
    return factories.grid_operator(area.group, is_administrator=True).grid_operator


def names(found: Any) -> set[str]:
    return {person.user.username for person in found}


def values_of(person: GridOperator, **changes: Any) -> dict[str, Any]:
    known = {"username": person.user.username, "email": person.user.email, "groups": list(person.groups.all())}
    return {**known, "is_administrator": person.is_administrator, **changes}


def newcomer(chief: GridOperator, **changes: Any) -> GridOperator:
    usual = {"username": "new", "email": "new@example.org", "password": "plain-sky-77", "language": "de"}
    feeder = ChargePointGroup.objects.get(name="Feeder 1")
    return people.add(by=chief, **{**usual, "groups": [feeder], "is_administrator": False, **changes})


def test_an_administrator_manages_those_of_the_own_branches_only(area: Area, chief: GridOperator) -> None:
    below = factories.grid_operator(ChargePointGroup.objects.get(name="Feeder 1"))
    both = factories.grid_operator(area.group, ChargePointGroup.objects.get(name="Athens"))
    found = names(people.managed_by(chief))
    assert found == {chief.user.username, area.dso.username, below.username}
    assert both.username not in found
    assert names(people.managed_by(area.dso.grid_operator)) == set()


def test_a_new_user_gets_in_with_the_password_and_sees_the_branch(area: Area, chief: GridOperator) -> None:
    person = newcomer(chief)
    assert person.user.check_password("plain-sky-77")
    assert person.user.is_active
    assert set(charge_points_of(person.user)) == set(area.points)


def test_groups_of_others_are_not_given_away(area: Area, chief: GridOperator) -> None:
    with pytest.raises(Refused, match="not yours"):
        newcomer(chief, groups=[ChargePointGroup.objects.get(name="Athens")])
    with pytest.raises(Refused, match="at least one group"):
        newcomer(chief, groups=[])
    person = newcomer(chief)
    with pytest.raises(Refused, match="not yours"):
        people.change(
            by=chief, person=person, **values_of(person, groups=[ChargePointGroup.objects.get(name="Athens")])
        )
    assert [group.name for group in person.groups.all()] == ["Feeder 1"]


def test_nobody_out_of_reach_is_changed_or_removed(area: Area, chief: GridOperator) -> None:
    stranger = area.other_dso.grid_operator
    with pytest.raises(Refused, match="not yours to manage"):
        people.change(by=chief, person=stranger, **values_of(stranger, groups=[area.group]))
    with pytest.raises(Refused, match="not yours to manage"):
        people.remove(by=chief, person=stranger)
    with pytest.raises(Refused, match="not yours to manage"):
        people.remove(by=area.dso.grid_operator, person=chief)
    assert GridOperator.objects.filter(pk__in=[stranger.pk, chief.pk]).count() == 2


def test_a_change_of_the_address_is_told_to_the_old_one_and_leaves_the_password(
    chief: GridOperator, django_capture_on_commit_callbacks: Any
) -> None:
    person = newcomer(chief)
    before = person.user.password
    with django_capture_on_commit_callbacks(execute=True):
        people.change(by=chief, person=person, **values_of(person, email="other@example.org", username="renamed"))
    person.user.refresh_from_db()
    assert (person.user.email, person.user.username) == ("other@example.org", "renamed")
    assert person.user.password == before
    assert [message.to for message in mail.outbox] == [["new@example.org"]]
    assert "renamed" in mail.outbox[0].body


def test_two_accounts_share_no_name_and_no_address(area: Area, chief: GridOperator) -> None:
    for taken in ({"username": area.dso.username.upper()}, {"email": area.dso.email.upper()}):
        with pytest.raises(Refused, match="Another account"):
            newcomer(chief, **taken)
    person = newcomer(chief)
    with pytest.raises(Refused, match="Another account"):
        people.change(by=chief, person=person, **values_of(person, email=area.dso.email))


def test_the_last_administrator_stays_one(area: Area, chief: GridOperator) -> None:
    feeder = ChargePointGroup.objects.get(name="Feeder 1")
    below = factories.grid_operator(feeder, is_administrator=True).grid_operator
    for change in ({"is_administrator": False}, {"groups": [feeder]}):
        with pytest.raises(Refused, match="last administrator of Steinheim"):
            people.change(by=chief, person=chief, **values_of(chief, **change))
    with pytest.raises(Refused, match="last administrator of Steinheim"):
        people.remove(by=chief, person=chief)
    # Whose groups somebody above administers is not the last one.
    people.remove(by=chief, person=below)
    second = newcomer(chief, groups=[area.group], is_administrator=True)
    people.remove(by=second, person=chief)
    assert names(people.managed_by(second)) == {second.user.username, area.dso.username}


def test_a_sleeping_administrator_does_not_count(area: Area, chief: GridOperator) -> None:
    second = newcomer(chief, groups=[area.group], is_administrator=True)
    type(second.user).objects.filter(pk=second.user.pk).update(is_active=False)
    with pytest.raises(Refused, match="last administrator"):
        people.remove(by=chief, person=chief)


def test_who_is_removed_cannot_get_in_and_the_orders_stay_under_the_name(area: Area, chief: GridOperator) -> None:
    given = order(area)
    people.remove(by=chief, person=area.dso.grid_operator)
    area.dso.refresh_from_db()
    given.refresh_from_db()
    assert (area.dso.is_active, area.dso.email, area.dso.has_usable_password()) == (False, "", False)
    assert given.ordered_by == area.dso
    assert not charge_points_of(area.dso).exists()


@pytest.mark.parametrize("what", ["driver", "staff"])
def test_an_account_that_is_something_else_too_goes_on_without_the_role(
    area: Area, chief: GridOperator, what: str
) -> None:
    user = factories.driver() if what == "driver" else factories.user("cpo")
    if what == "staff":
        OperatorStaff.objects.create(user=user, operator=factories.operator())
    person = GridOperator.objects.create(user=user)
    person.groups.add(area.group)
    people.remove(by=chief, person=person)
    user.refresh_from_db()
    assert user.is_active
    assert user.email
    assert not GridOperator.objects.filter(user=user).exists()
