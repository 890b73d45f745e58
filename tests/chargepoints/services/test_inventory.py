"""A charger's settings are asked once for each firmware, and its metering brought in line."""

from typing import Any

import pytest

from chargepoints.domain import intents, reports
from chargepoints.models import ChargePoint, Command
from chargepoints.services import commands, device_variables, inventory, metering_settings, provisioning
from tests import factories
from tests.factories import NOW, minutes

pytestmark = pytest.mark.django_db
V = intents.Variable
SAMPLED = "Energy.Active.Import.Register,Power.Active.Import,SoC"


def charger(version: str = "2.0.1", firmware: str = "1.0") -> ChargePoint:
    row = factories.charge_point()
    ChargePoint.objects.filter(pk=row.pk).update(ocpp_version=version)
    boot(row, firmware)
    row.refresh_from_db()
    return row


def boot(row: ChargePoint, firmware: str) -> None:
    report = reports.Booted(vendor="V", model="M", ocpp_version="2.0.1", firmware_version=firmware)
    provisioning.boot(charge_point_id=row.pk, report=report, now=NOW)


def asked() -> list[intents.Intent]:
    return [one.intent for one in Command.objects.filter(reason=inventory.REASON).order_by("pk")]


def test_each_firmware_is_asked_once() -> None:
    at = charger()
    assert inventory.sweep(now=NOW) == 0  # its boot is just over
    assert inventory.sweep(now=NOW + minutes(1)) == 1
    assert inventory.sweep(now=NOW + minutes(2)) == 0
    [first] = asked()
    assert isinstance(first, intents.GetReport)
    assert first.base == "FullInventory"
    Command.objects.update(status="accepted")
    boot(at, "1.0")
    assert inventory.sweep(now=NOW + minutes(3)) == 0
    boot(at, "1.1")
    assert inventory.sweep(now=NOW + minutes(4)) == 1


def test_a_1_6_charger_is_asked_for_all_its_keys() -> None:
    charger("1.6")
    inventory.sweep(now=NOW + minutes(1))
    assert asked() == [intents.GetVariables()]


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_question_that_was_lost_is_asked_again_an_hour_later(version: str) -> None:
    charger(version)
    inventory.sweep(now=NOW + minutes(1))
    command = Command.objects.get(reason=inventory.REASON)
    Command.objects.filter(pk=command.pk).update(status="sent")
    commands.timed_out(command_id=command.pk, now=NOW + minutes(2))
    assert inventory.sweep(now=NOW + minutes(30)) == 0
    assert inventory.sweep(now=NOW + minutes(62)) == 1


@pytest.mark.parametrize("change", [{"registration": "pending"}, {"connection_key": ""}, {"ocpp_version": ""}])
def test_who_may_not_be_asked_yet_is_not(change: dict[str, Any]) -> None:
    ChargePoint.objects.filter(pk=charger().pk).update(**change)
    assert inventory.sweep(now=NOW + minutes(1)) == 0


def tell(at: ChargePoint, *told: reports.VariableReported, **values: Any) -> None:
    report = reports.VariablesReported(told, **values)
    device_variables.keep(charge_point_id=at.pk, report=report, now=NOW)


def test_a_charger_that_measures_too_little_is_told_what_to_measure() -> None:
    told = reports.VariableReported
    old, new = charger("1.6"), charger()
    tell(old, told("MeterValueSampleInterval", "300"), told("MeterValuesSampledData", "Voltage"))
    tell(
        new,
        told("TxUpdatedInterval", "0", "SampledDataCtrlr"),
        told("TxUpdatedMeasurands", "Voltage", "SampledDataCtrlr", values_list="Voltage,SoC"),
        told("Interval", "900", "AlignedDataCtrlr"),
        request_id=1,
    )
    assert metering_settings.sweep(now=NOW) == 2
    mine = [one.intent for one in Command.objects.filter(reason="metering").order_by("pk")]
    assert mine == [
        intents.Configure("MeterValueSampleInterval", "60"),
        intents.Configure("MeterValuesSampledData", f"Voltage,{SAMPLED}"),
        intents.SetVariables(
            (
                V("TxUpdatedInterval", "SampledDataCtrlr", value="60"),
                V("TxUpdatedMeasurands", "SampledDataCtrlr", value="Voltage,SoC"),
            )
        ),
    ]
    assert metering_settings.sweep(now=NOW) == 0


def test_a_charger_that_measures_more_is_left_alone() -> None:
    at = charger("1.6")
    told = reports.VariableReported
    tell(
        at,
        told("MeterValueSampleInterval", "10"),
        told("MeterValuesSampledData", f"Voltage,{SAMPLED}"),
        told("ClockAlignedDataInterval", "0", mutability="ReadOnly"),
    )
    assert metering_settings.sweep(now=NOW) == 0


def test_a_list_that_was_refused_is_cut_to_what_is_billed() -> None:
    at = charger("1.6")
    tell(at, reports.VariableReported("MeterValuesSampledData", ""))
    metering_settings.sweep(now=NOW)
    refused = reports.VariableReported("MeterValuesSampledData", SAMPLED, refusal="Rejected")
    tell(at, refused, was_set=True)
    Command.objects.update(status="rejected")
    assert metering_settings.sweep(now=NOW) == 1
    last = Command.objects.filter(reason="metering").order_by("pk").last()
    assert last.intent == intents.Configure("MeterValuesSampledData", "Energy.Active.Import.Register")


def test_what_waited_for_a_restart_is_in_force_after_it() -> None:
    at = charger()
    tell(at, reports.VariableReported("A", "1", "C", needs_reboot=True), was_set=True)
    boot(at, "1.0")
    assert not at.variables.get().needs_reboot
