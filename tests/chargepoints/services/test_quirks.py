"""The shipped tables, and what they say of a charger."""

import re
from pathlib import Path

import pytest

import chargepoints
from chargepoints.domain.reports import Booted
from chargepoints.models import ChargePoint, DeviceVariable
from chargepoints.services import profile_limits, provisioning, quirks
from tests import factories
from tests.factories import NOW

ROOT = Path(chargepoints.__file__).parent
# The project's own name: the virtual charge point bears it.
_OURS = "twinev"


def boot(charge_point: ChargePoint, vendor: str) -> ChargePoint:
    report = Booted(vendor=vendor, model="M1", ocpp_version="1.6", firmware_version="4.2.2")
    provisioning.boot(charge_point_id=charge_point.pk, report=report, now=NOW)
    charge_point.refresh_from_db()
    return charge_point


def test_the_shipped_tables_can_be_read_and_know_each_other() -> None:
    named = {entry.says["dialect"] for entry in quirks.entries() if "dialect" in entry.says}
    assert named <= set(quirks.all_dialects())
    assert {"negative-limits", "setpoint-messages"} <= set(quirks.all_dialects())


def test_no_vendor_is_named_in_the_code() -> None:
    vendors = {entry.patterns[0].strip("*?").strip() for entry in quirks.entries()} - {_OURS, ""}
    assert vendors
    words = re.compile("|".join(rf"\b{re.escape(vendor)}\b" for vendor in vendors), re.IGNORECASE)
    found = [str(path) for path in ROOT.rglob("*.py") if words.search(path.read_text(encoding="utf-8"))]
    assert found == []


@pytest.mark.django_db
def test_a_dialect_is_found_at_boot_and_follows_the_vendor() -> None:
    charge_point = factories.charge_point()
    assert boot(charge_point, "TwinEV Virtual").dialect == "negative-limits"
    assert boot(charge_point, "Vend").dialect == ""


@pytest.mark.django_db
def test_a_dialect_is_found_by_the_charger_s_own_settings() -> None:
    charge_point = factories.charge_point(max_discharge_w=10_000)
    DeviceVariable.objects.create(
        charge_point=charge_point, component="V2XChargingCtrlr", name="Enabled", value="true", reported_at=NOW
    )
    assert boot(charge_point, "Vend").dialect == "negative-limits"


@pytest.mark.django_db
def test_a_dialect_that_staff_set_stays_until_they_take_it_back() -> None:
    charge_point = factories.charge_point()
    quirks.set_dialect(charge_point=charge_point, name="setpoint-messages")
    assert boot(charge_point, "TwinEV").dialect == "setpoint-messages"
    quirks.set_dialect(charge_point=charge_point, name="")
    assert (charge_point.dialect, charge_point.dialect_is_fixed) == ("negative-limits", False)
    with pytest.raises(KeyError):
        quirks.set_dialect(charge_point=charge_point, name="klingon")


@pytest.mark.django_db
def test_what_is_known_of_a_firmware_stands_over_what_it_says() -> None:
    charge_point = boot(factories.charge_point(), "go-e")
    DeviceVariable.objects.create(
        charge_point=charge_point,
        name="ChargingScheduleAllowedChargingRateUnit",
        value="Current,Power",
        reported_at=NOW,
    )
    assert profile_limits.of(charge_point).ampere_only
    assert not profile_limits.of(boot(charge_point, "Vend")).ampere_only
