from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from chargepoints.models import (
    ChargingProfile,
    CompositeSchedule,
    DeviceVariable,
    Evse,
    ExternalLimit,
    FirmwareUpdate,
    Operator,
    SecurityEvent,
)
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


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


def page(client: Client, evse: Evse, part: str = "", **query: Any) -> str:
    name = f"dashboard:charge_point{part and '_' + part}"
    answer = client.get(reverse(name, args=[evse.charge_point_id]), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_sessions_whose_facts_make_no_sense_are_told(staff: Client, evse: Evse) -> None:
    assert "facts make sense." in page(staff, evse)
    factories.transaction(evse, flaw="no stop was sent")
    shown = page(staff, evse)
    assert "The charger never sent the end of this transaction" in shown


def test_security_events_are_told(staff: Client, evse: Evse) -> None:
    SecurityEvent.objects.create(
        charge_point=evse.charge_point, type="TamperDetectionActivated", at=NOW, received_at=NOW, is_critical=True
    )
    assert "TamperDetectionActivated" in page(staff, evse)


@pytest.mark.parametrize(("difference_w", "words"), [(6_800.0, "differs"), (20.0, "agrees"), (None, "not compared")])
def test_a_schedule_that_was_read_back_stands_beside_ours(
    staff: Client, evse: Evse, difference_w: float | None, words: str
) -> None:
    CompositeSchedule.objects.create(
        evse=evse,
        starts_at=NOW,
        duration_s=900,
        periods=[[0, 11_000]],
        expected_periods=[[0, 4_200]],
        difference_w=difference_w,
        difference_at=NOW,
        read_at=NOW,
    )
    shown = page(staff, evse, "plan")
    assert words in shown
    assert "4.2 kW" in shown


@pytest.mark.parametrize(("is_persistent", "words"), [(False, "were sent again"), (True, "Still, after the profiles")])
def test_what_was_done_about_a_difference_is_told(staff: Client, evse: Evse, is_persistent: bool, words: str) -> None:
    CompositeSchedule.objects.create(
        evse=evse,
        starts_at=NOW,
        duration_s=900,
        periods=[],
        difference_w=5_000,
        difference_at=NOW,
        read_at=NOW,
        is_persistent=is_persistent,
    )
    assert words in page(staff, evse, "plan")


def test_what_a_charger_could_not_be_told_of_a_plan_is_told_to_staff(staff: Client, evse: Evse) -> None:
    ChargingProfile.objects.create(
        charge_point=evse.charge_point, purpose="tx", starts_at=NOW, periods=[[0, 0]], adaptations="no_dialect"
    )
    assert "Nobody knows how this charger is asked to give energy back" in page(staff, evse, "plan")


def test_how_a_charger_gives_energy_back_is_told_and_who_said_so(staff: Client, evse: Evse) -> None:
    assert "never asked to give energy back" in page(staff, evse)
    evse.charge_point.dialect, evse.charge_point.dialect_is_fixed = "negative-limits", True
    evse.charge_point.save()
    shown = page(staff, evse)
    assert "negative limits in charging profiles" in shown
    assert "set by staff" in shown


def test_sessions_above_their_limit_are_shown(staff: Client, evse: Evse) -> None:
    assert "Sessions above their limit" not in page(staff, evse, "plan")
    factories.transaction(evse, over_limit_at=NOW, over_limit_w=2_100.0)
    assert "2.1 kW more than it was allowed" in page(staff, evse, "plan").replace("\xa0", " ")


def test_limits_from_elsewhere_are_shown_while_they_hold(staff: Client, evse: Evse) -> None:
    limit = ExternalLimit.objects.create(
        charge_point=evse.charge_point, source="EMS", starts_at=NOW, periods=[[0, 3_000]], reported_at=NOW
    )
    assert "EMS" in page(staff, evse, "plan")
    ExternalLimit.objects.filter(pk=limit.pk).update(cleared_at=NOW)
    assert "EMS" not in page(staff, evse, "plan")


def test_settings_are_found_by_a_part_of_their_name(staff: Client, evse: Evse) -> None:
    for name in ("HeartbeatInterval", "WebSocketPingInterval"):
        DeviceVariable.objects.create(charge_point=evse.charge_point, name=name, value="60", reported_at=NOW)
    shown = page(staff, evse, "configuration", q="heart")
    assert "HeartbeatInterval" in shown
    assert "WebSocketPingInterval" not in shown


def test_firmware_updates_are_followed(staff: Client, evse: Evse) -> None:
    FirmwareUpdate.objects.create(
        charge_point=evse.charge_point,
        request_id=1,
        url="https://firmware.example.org/7.bin",
        retrieve_at=NOW,
        status="Downloading",
        status_at=NOW,
        created_at=NOW,
    )
    assert "Downloading" in page(staff, evse, "maintenance")


def test_what_is_another_operator_s_is_not_found(staff: Client) -> None:
    foreign = factories.evse(factories.operator("Other"))
    assert staff.get(reverse("dashboard:charge_point", args=[foreign.charge_point_id])).status_code == 404
