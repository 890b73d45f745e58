"""Staff see their own operator's rows; nobody else sees any."""

import pytest
from django.test import Client
from django.urls import reverse

from chargepoints.domain.intents import Unlock
from chargepoints.models import Command, Operator, Transaction
from chargepoints.services import commands
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LISTS = ["dashboard:transactions", "dashboard:commands", "dashboard:locations", "dashboard:figures"]
DETAILS = ["dashboard:transaction", "dashboard:transaction_curve", "dashboard:command"]


@pytest.fixture
def mine() -> Operator:
    return factories.operator("Mine")


@pytest.fixture
def charger(mine: Operator):
    return factories.charge_point(mine, identity="MINE-1")


@pytest.fixture
def transaction(charger) -> Transaction:
    return factories.transaction(charger.evses.get(), factories.driver())


@pytest.fixture
def command(charger) -> Command:
    return commands.enqueue(charge_point=charger, intent=Unlock(1), now=NOW)


def address(name: str, transaction: Transaction, command: Command) -> str:
    if name in LISTS:
        return reverse(name)
    return reverse(name, args=[command.pk if name.endswith("command") else transaction.pk])


@pytest.mark.parametrize("name", LISTS + DETAILS)
def test_the_anonymous_are_sent_to_the_login(client: Client, name: str, transaction, command) -> None:
    answer = client.get(address(name, transaction, command))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("identity:login"))


@pytest.mark.parametrize("name", LISTS + DETAILS)
@pytest.mark.parametrize("role", ["driver", "grid operator"])
def test_other_roles_are_refused(client: Client, name: str, role: str, transaction, command) -> None:
    client.force_login(factories.driver() if role == "driver" else factories.grid_operator())
    assert client.get(address(name, transaction, command)).status_code == 403


@pytest.mark.parametrize("name", DETAILS)
def test_another_operators_staff_find_nothing(client: Client, name: str, transaction, command) -> None:
    client.force_login(factories.staff(factories.operator()))
    assert client.get(address(name, transaction, command)).status_code == 404


@pytest.mark.parametrize("name", LISTS[:3])
def test_lists_hold_no_row_of_another_operator(client: Client, name: str, transaction, command) -> None:
    client.force_login(factories.staff(factories.operator()))
    assert b"MINE-1" not in client.get(reverse(name)).content


@pytest.mark.parametrize("name", LISTS + DETAILS)
def test_staff_see_their_own(client: Client, name: str, mine: Operator, transaction, command) -> None:
    client.force_login(factories.staff(mine))
    answer = client.get(address(name, transaction, command))
    assert answer.status_code == 200
    if name in LISTS[:3]:
        assert b"MINE-1" in answer.content


def test_the_station_filter_offers_own_stations_only(client: Client, mine: Operator, transaction) -> None:
    foreign = factories.charge_point(factories.operator())
    client.force_login(factories.staff(mine))
    page = client.get(reverse("dashboard:transactions")).content.decode()
    assert foreign.supply_point.location.name not in page
    assert transaction.charge_point.supply_point.location.name in page
