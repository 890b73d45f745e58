"""Registering a charger."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chargepoints.models import ChargePoint, Operator, RefusedCharger, SupplyPoint
from chargepoints.services import security
from chargepoints.services.security import Knock, Refusal
from tests import factories

pytestmark = pytest.mark.django_db
REGISTER = "dashboard:register"


@pytest.fixture
def mine() -> Operator:
    return factories.operator("Mine")


@pytest.fixture
def place(mine: Operator) -> SupplyPoint:
    return factories.supply_point(mine)


@pytest.fixture
def staff(client: Client, mine: Operator) -> Client:
    client.force_login(factories.staff(mine))
    return client


def form(place: SupplyPoint, **values: Any) -> dict[str, Any]:
    usual = {"identity": "NEW-1", "supply_point": place.pk, "evses": 2, "standard": "IEC_62196_T2", "profile": 1}
    return {**usual, "max_power_kw": "22", "max_discharge_kw": "0", **values}


def test_whoever_knocked_is_registered_and_let_in_with_the_password_that_is_shown(
    staff: Client, place: SupplyPoint
) -> None:
    now = timezone.now()
    security.note_refusal(identity="NEW-1", refusal=Refusal.UNKNOWN, address="192.0.2.7", times=1, now=now)
    assert "NEW-1" in staff.get(reverse(REGISTER), {"identity": "NEW-1"}).content.decode()
    answer = staff.post(reverse(REGISTER), form(place))
    secret = answer.context["secret"]
    assert secret in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert "ws://testserver/ocpp" in answer.content.decode()
    let_in = security.admit(knock=Knock(("NEW-1",), user="NEW-1", secrets=(secret,)), now=now)
    assert isinstance(let_in, ChargePoint)
    assert (let_in.latitude, let_in.longitude) == (place.location.latitude, place.location.longitude)
    assert list(let_in.evses.values_list("number", "max_power_w")) == [(1, 22_000), (2, 22_000)]
    assert not RefusedCharger.objects.exists()
    assert secret not in staff.get(reverse("dashboard:charge_point_setup", args=[let_in.pk])).content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"identity": "taken-1"},
        {"identity": "a/b"},
        {"identity": ""},
        {"evses": 0},
        {"max_power_kw": "-1"},
        {"profile": 3},
        {"standard": "X"},
    ],
)
def test_what_cannot_be_is_refused(staff: Client, place: SupplyPoint, wrong: dict[str, Any]) -> None:
    factories.charge_point(factories.operator(), identity="TAKEN-1")
    assert staff.post(reverse(REGISTER), form(place, **wrong)).status_code == 422
    assert ChargePoint.objects.count() == 1


def test_a_certificate_is_demanded_only_where_an_authority_is_set(
    staff: Client, place: SupplyPoint, settings: Any
) -> None:
    settings.CHARGER_CA = __file__
    assert staff.post(reverse(REGISTER), form(place, profile=3)).status_code in (200, 302)
    assert ChargePoint.objects.get().security_profile == 3


def test_nothing_is_registered_at_a_foreign_place_or_with_a_foreign_tariff(staff: Client, place: SupplyPoint) -> None:
    other = factories.operator("Other")
    for wrong in (
        {"supply_point": factories.supply_point(other).pk},
        {"supply_point": factories.supply_point(owner=factories.driver()).pk},
        {"tariff": factories.tariff(operator=other).pk},
    ):
        assert staff.post(reverse(REGISTER), form(place, **wrong)).status_code == 422
    assert not ChargePoint.objects.exists()


@pytest.mark.parametrize("role", ["anonymous", "driver", "grid operator"])
def test_a_stranger_registers_nothing(client: Client, place: SupplyPoint, role: str) -> None:
    if role != "anonymous":
        client.force_login(factories.driver() if role == "driver" else factories.grid_operator())
    assert client.post(reverse(REGISTER), form(place)).status_code == (302 if role == "anonymous" else 403)
    assert not ChargePoint.objects.exists()
