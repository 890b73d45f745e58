"""What staff set of a charger."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chargepoints.models import ChargePoint, Command, DeviceVariable, Evse, Operator
from chargepoints.services import offline, security
from chargepoints.services.security import Knock, Refusal
from tests import factories
from tests.factories import NOW, SECRET

pytestmark = pytest.mark.django_db
CHANGES = [
    ("offline", {"behaviour": "nobody"}),
    ("dialect", {"name": "negative-limits"}),
    ("profile", {"profile": 2}),
    ("password", {}),
    ("new_password", {}),
]


@pytest.fixture
def mine() -> Operator:
    return factories.operator("Mine")


@pytest.fixture
def point(mine: Operator) -> ChargePoint:
    row = factories.charge_point(mine, max_discharge_w=10_000)
    ChargePoint.objects.filter(pk=row.pk).update(ocpp_version="1.6")
    return ChargePoint.objects.get(pk=row.pk)


@pytest.fixture
def staff(client: Client, mine: Operator) -> Client:
    client.force_login(factories.staff(mine))
    return client


def change(client: Client, point: ChargePoint, what: str, **values: Any) -> Any:
    address = reverse(f"dashboard:charge_point_{what}", args=[point.pk])
    answer = client.post(address, values, follow=True)
    point.refresh_from_db()
    return answer


def page(client: Client, point: ChargePoint) -> str:
    return client.get(reverse("dashboard:charge_point_setup", args=[point.pk])).content.decode()


def test_who_may_charge_while_offline_is_told_to_the_charger(staff: Client, point: ChargePoint) -> None:
    DeviceVariable.objects.create(
        charge_point=point, name="LocalAuthorizeOffline", value="true", mutability="ReadWrite", reported_at=NOW
    )
    change(staff, point, "offline", behaviour="nobody")
    assert point.offline_behaviour == "nobody"
    assert ("LocalAuthorizeOffline", "false", "true") in offline.state(point)
    assert "LocalAuthorizeOffline" in page(staff, point)
    assert offline.sweep(now=timezone.now()) == 1
    sent = Command.objects.get()
    assert "LocalAuthorizeOffline" in str(sent.payload)
    assert "false" in str(sent.payload)


def test_a_dialect_is_fixed_and_left_to_be_found_again(staff: Client, point: ChargePoint) -> None:
    assert "Neither its vendor, model and firmware nor its settings tell." in page(staff, point)
    change(staff, point, "dialect", name="setpoint-messages")
    assert (point.dialect, point.dialect_is_fixed) == ("setpoint-messages", True)
    assert "Set by staff" in page(staff, point)
    DeviceVariable.objects.create(
        charge_point=point, component="V2XChargingCtrlr", name="Enabled", value="true", reported_at=NOW
    )
    change(staff, point, "dialect", name="found")
    assert (point.dialect, point.dialect_is_fixed) == ("negative-limits", False)
    assert "Found by its own settings." in page(staff, point)


def test_the_vendor_s_table_is_named_where_it_told_the_dialect(staff: Client, point: ChargePoint) -> None:
    ChargePoint.objects.filter(pk=point.pk).update(
        vendor="TwinEV Virtual", model="Duo V2G10", dialect="negative-limits"
    )
    assert "Found by its vendor, model and firmware." in page(staff, point)


def test_a_security_profile_is_demanded_and_lowered_only_on_purpose(staff: Client, point: ChargePoint) -> None:
    change(staff, point, "profile", profile=2)
    assert point.security_profile == 2
    refused = change(staff, point, "profile", profile=1)
    assert "can only be raised" in refused.content.decode()
    assert point.security_profile == 2
    change(staff, point, "profile", profile=1, allow_lower="on")
    assert point.security_profile == 1
    assert not Command.objects.exists()


def test_a_charger_is_told_of_a_higher_profile(staff: Client, point: ChargePoint) -> None:
    change(staff, point, "profile", profile=2, tell="on")
    assert point.security_profile == 1
    command = Command.objects.get()
    assert (command.kind, command.requested_by) == ("configure", staff_of(point))
    assert command.get_kind_display() in page(staff, point)


def staff_of(point: ChargePoint) -> Any:
    operator = point.location.operator
    assert operator is not None
    return operator.staff.get().user


def test_a_password_is_changed_by_the_charger_s_protocol(staff: Client, point: ChargePoint) -> None:
    change(staff, point, "password")
    assert Command.objects.get().kind == "set_secret"
    assert point.pending_secret_hash
    assert "both are good" in page(staff, point)


def test_a_password_to_type_in_is_shown_once_and_the_old_one_is_worth_nothing(
    staff: Client, point: ChargePoint
) -> None:
    answer = change(staff, point, "new_password")
    secret = answer.context["secret"]
    assert secret in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert secret not in page(staff, point)
    knock = Knock((point.identity,), user=point.identity, secrets=(SECRET,))
    assert security.admit(knock=knock, now=NOW) == Refusal.WRONG_SECRET
    knock = Knock((point.identity,), user=point.identity, secrets=(secret,))
    assert isinstance(security.admit(knock=knock, now=NOW), ChargePoint)


@pytest.mark.parametrize(
    ("what", "values"),
    [("offline", {"behaviour": "maybe"}), ("dialect", {"name": "latin"}), ("profile", {"profile": 7}), ("profile", {})],
)
def test_what_is_not_offered_is_refused(staff: Client, point: ChargePoint, what: str, values: dict[str, Any]) -> None:
    before = ChargePoint.objects.filter(pk=point.pk).values().get()
    assert "cannot be chosen" in change(staff, point, what, **values).content.decode()
    assert ChargePoint.objects.filter(pk=point.pk).values().get() == before


@pytest.mark.parametrize(("what", "values"), CHANGES)
@pytest.mark.parametrize("role", ["anonymous", "driver", "other staff"])
def test_a_stranger_changes_nothing(
    client: Client, point: ChargePoint, what: str, values: dict[str, Any], role: str
) -> None:
    if role != "anonymous":
        client.force_login(factories.driver() if role == "driver" else factories.staff(factories.operator()))
    before = ChargePoint.objects.filter(pk=point.pk).values().get()
    answer = client.post(reverse(f"dashboard:charge_point_{what}", args=[point.pk]), values)
    assert answer.status_code == {"anonymous": 302, "driver": 403, "other staff": 404}[role]
    assert ChargePoint.objects.filter(pk=point.pk).values().get() == before
    assert not Command.objects.exists()


def test_a_link_changes_nothing(staff: Client, point: ChargePoint, mine: Operator) -> None:
    for what, values in CHANGES:
        assert staff.get(reverse(f"dashboard:charge_point_{what}", args=[point.pk]), values).status_code == 405


def test_the_home_of_a_driver_is_not_staffs(staff: Client) -> None:
    home = Evse.objects.get(charge_point=factories.charge_point(owner=factories.driver()))
    assert staff.get(reverse("dashboard:charge_point_setup", args=[home.charge_point_id])).status_code == 404
