"""Who was turned away, and who may know."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chargepoints.models import Operator, RefusedCharger
from chargepoints.services import security
from chargepoints.services.security import Refusal
from tests import factories

pytestmark = pytest.mark.django_db
LIST = "dashboard:refused"


@pytest.fixture
def mine() -> Operator:
    return factories.operator("Mine")


@pytest.fixture
def staff(client: Client, mine: Operator) -> Client:
    client.force_login(factories.staff(mine))
    return client


def knock(identity: str, refusal: Refusal = Refusal.UNKNOWN, *, times: int = 1, minutes_ago: int = 0) -> RefusedCharger:
    now = timezone.now() - timedelta(minutes=minutes_ago)
    security.note_refusal(identity=identity, refusal=refusal, address="192.0.2.7", times=times, now=now)
    return RefusedCharger.objects.get(identity=identity, reason=refusal)


def shown(client: Client) -> list[str]:
    return [row.identity for row in client.get(reverse(LIST)).context["page_obj"]]


def test_the_last_comes_first_with_reason_address_and_times(staff: Client, mine: Operator) -> None:
    own = factories.charge_point(mine, identity="MINE-1")
    knock("NEW-1", times=12, minutes_ago=5)
    knock("mine-1", Refusal.WRONG_SECRET)
    assert shown(staff) == ["mine-1", "NEW-1"]
    page = staff.get(reverse(LIST)).content.decode()
    assert "wrong password" in page
    assert "192.0.2.7" in page
    assert ">12<" in page
    assert f"{reverse('dashboard:register')}?identity=NEW-1" in page
    assert reverse("dashboard:charge_point_setup", args=[own.pk]) in page


def test_what_knocks_at_others_doors_is_theirs(staff: Client) -> None:
    factories.charge_point(factories.operator("Other"), identity="THEIRS-1")
    factories.charge_point(owner=factories.driver(), identity="HOME-1")
    foreign = [knock("THEIRS-1", Refusal.WRONG_SECRET), knock("HOME-1", Refusal.NO_TLS), knock("theirs-1")]
    assert shown(staff) == []
    for row in foreign:
        assert staff.post(reverse("dashboard:refused_dismiss", args=[row.pk])).status_code == 404
    assert RefusedCharger.objects.count() == 3


def test_a_dismissed_one_is_gone_until_it_knocks_again(staff: Client) -> None:
    row = knock("NEW-1")
    staff.post(reverse("dashboard:refused_dismiss", args=[row.pk]))
    assert shown(staff) == []
    knock("NEW-1")
    assert shown(staff) == ["NEW-1"]


def test_long_lists_come_in_pages(staff: Client) -> None:
    for number in range(30):
        knock(f"NEW-{number}", minutes_ago=number)
    assert shown(staff) == [f"NEW-{number}" for number in range(25)]
    assert len(staff.get(reverse(LIST), {"page": "2"}).context["page_obj"].object_list) == 5


def test_what_a_stranger_calls_itself_is_shown_as_text(staff: Client) -> None:
    knock("<b>x</b>")
    assert "<b>x</b>" not in staff.get(reverse(LIST)).content.decode()


@pytest.mark.parametrize("role", ["anonymous", "driver"])
def test_a_stranger_is_refused(client: Client, role: str) -> None:
    row = knock("NEW-1")
    if role == "driver":
        client.force_login(factories.driver())
    expected = 302 if role == "anonymous" else 403
    assert client.get(reverse(LIST)).status_code == expected
    assert client.post(reverse("dashboard:refused_dismiss", args=[row.pk])).status_code == expected
    assert RefusedCharger.objects.exists()
