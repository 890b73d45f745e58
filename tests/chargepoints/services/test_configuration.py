"""What chargers tell of their settings, and what is asked of them."""

from datetime import timedelta
from typing import Any

import pytest

from chargepoints.domain import intents, reports
from chargepoints.domain.errors import NotAvailable, Refused
from chargepoints.models import ChargePoint, Command, DeviceReport, DeviceVariable
from chargepoints.services import answers, commands, configuration, device_reports, device_variables
from tests import factories
from tests.factories import NOW, minutes

pytestmark = pytest.mark.django_db
Told = reports.VariableReported
V = intents.Variable


def charger(version: str = "2.0.1") -> ChargePoint:
    row = factories.charge_point()
    row.ocpp_version = version
    row.save(update_fields=["ocpp_version"])
    return row


def keep(of: ChargePoint, *told: Told, **values: Any) -> None:
    report = reports.VariablesReported(told, **values)
    device_variables.keep(charge_point_id=of.pk, report=report, now=values.pop("now", NOW))


def only(of: ChargePoint) -> DeviceVariable:
    return of.variables.get()


def test_an_inventory_tells_what_a_variable_takes_and_an_answer_leaves_that() -> None:
    at = charger()
    keep(at, Told("Interval", "60", "SampledDataCtrlr", mutability="ReadOnly", data_type="integer"), request_id=1)
    keep(at, Told("Interval", "30", "SampledDataCtrlr"))
    assert (only(at).value, only(at).mutability, only(at).data_type) == ("30", "ReadOnly", "integer")


def test_a_refused_change_leaves_the_value_that_is_known() -> None:
    at = charger()
    keep(at, Told("Interval", "60", "SampledDataCtrlr"))
    keep(at, Told("Interval", "-1", "SampledDataCtrlr", refusal="Rejected"), was_set=True)
    assert (only(at).value, only(at).refusal) == ("60", "Rejected")
    keep(at, Told("Interval", "90", "SampledDataCtrlr", needs_reboot=True), was_set=True)
    assert (only(at).value, only(at).refusal, only(at).needs_reboot) == ("90", "", True)
    device_variables.restarted(charge_point_id=at.pk)
    assert not only(at).needs_reboot


def test_a_variable_told_twice_in_one_report_is_one_row() -> None:
    at = charger()
    keep(at, Told("A", "1", "C"), Told("A", "", "C", refusal="Rejected"), Told("A", "2", "C", evse_number=1))
    assert list(at.variables.values_list("evse_number", "value", "refusal")) == [(0, "", "Rejected"), (1, "2", "")]


@pytest.mark.parametrize(("name", "component"), [("AuthorizationKey", ""), ("BasicAuthPassword", "SecurityCtrlr")])
def test_a_secret_is_never_kept(name: str, component: str) -> None:
    at = charger()
    keep(at, Told(name, "0123456789abcdef", component), was_set=True)
    assert only(at).value == ""


def test_settings_are_asked_in_as_many_messages_as_the_charger_needs() -> None:
    at = charger()
    keep(at, Told("ItemsPerMessage", "2", "DeviceDataCtrlr", instance="GetVariables"))
    asked = configuration.ask(charge_point=at, variables=[V(f"V{n}", "C") for n in range(5)], now=NOW)
    assert [len(command.payload["variables"]) for command in asked] == [2, 2, 1]


def test_changes_are_one_a_message_in_1_6_and_together_in_2_0_1() -> None:
    wishes = [V("A", value="1"), V("B", value="2")]
    old, new = charger("1.6"), charger()
    assert [one.intent for one in configuration.change(charge_point=old, variables=wishes, now=NOW)] == [
        intents.Configure("A", "1"),
        intents.Configure("B", "2"),
    ]
    assert [one.intent for one in configuration.change(charge_point=new, variables=wishes, now=NOW)] == [
        intents.SetVariables(tuple(wishes))
    ]


@pytest.mark.parametrize(
    ("traits", "value", "code"),
    [
        ({"mutability": "ReadOnly"}, "1", "read_only"),
        ({"data_type": "integer"}, "1.5", "no_number"),
        ({"data_type": "decimal"}, "nan", "no_number"),
        ({"data_type": "boolean"}, "yes", "no_flag"),
        ({"data_type": "integer", "min_limit": 10.0}, "9", "too_low"),
        ({"data_type": "integer", "max_limit": 10.0}, "11", "too_high"),
        ({"data_type": "string", "max_limit": 3.0}, "abcd", "too_high"),
        ({"data_type": "OptionList", "values_list": "A,B"}, "C", "not_offered"),
        ({"data_type": "MemberList", "values_list": "A, B"}, "A,C", "not_offered"),
    ],
)
def test_what_the_charger_said_it_cannot_take_is_not_sent(traits: dict[str, Any], value: str, code: str) -> None:
    at = charger()
    keep(at, Told("X", "", "C", **traits), request_id=1)
    with pytest.raises(Refused) as refusal:
        configuration.change(charge_point=at, variables=[V("y", "C", value="1"), V("x", "c", value=value)], now=NOW)
    assert refusal.value.code == code
    assert "C.X" in str(refusal.value)
    assert not Command.objects.exists()


def test_what_it_can_take_is_sent() -> None:
    at = charger()
    keep(at, Told("X", "", "C", data_type="MemberList", values_list="A,B", max_limit=0.0), request_id=1)
    assert configuration.change(charge_point=at, variables=[V("X", "C", value="B,A")], now=NOW)


def test_everything_is_asked_in_each_version_s_way() -> None:
    assert configuration.ask_all(charge_point=charger("1.6"), now=NOW).intent == intents.GetVariables()
    command = configuration.ask_all(charge_point=charger(), now=NOW)
    assert command.intent == intents.GetReport(command.device_report.request_id, base="FullInventory")
    with pytest.raises(NotAvailable):
        configuration.ask_all(charge_point=charger(""), now=NOW)


def test_an_answer_to_a_question_becomes_rows() -> None:
    at = charger()
    [command] = configuration.ask(charge_point=at, variables=[V("A", "C")], now=NOW)
    answers.keep(command=command, report=reports.VariablesReported((Told("A", "7", "C"),)), now=NOW)
    assert configuration.value(charge_point=at, name="a", component="C") == "7"
    assert configuration.value(charge_point=at, name="b", component="C") is None


def part(report: DeviceReport, number: int, *names: str, last: bool = False) -> None:
    told = tuple(Told(name, "1", "C") for name in names)
    words = reports.VariablesReported(told, request_id=report.request_id, part=number, is_last=last)
    device_reports.take_part(charge_point_id=report.charge_point_id, report=words, now=NOW + minutes(1))
    report.refresh_from_db()


def settle(command: Command, status: str, *, accepted: bool = True) -> None:
    Command.objects.filter(pk=command.pk).update(status="sent")
    commands.answered(command_id=command.pk, accepted=accepted, answer={"status": status}, now=NOW)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (0, 2, 2, 0, 1)])
def test_a_report_is_complete_when_all_its_parts_are_there(order: tuple[int, ...]) -> None:
    report = device_reports.ask(charge_point=charger(), now=NOW, base="SummaryInventory")
    for number in order[:-1]:
        part(report, number, f"V{number}", last=number == 2)
        assert report.status == DeviceReport.Status.RUNNING
    part(report, order[-1], f"V{order[-1]}", last=order[-1] == 2)
    assert (report.status, report.parts, report.variables) == (DeviceReport.Status.COMPLETE, 3, 3)
    assert report.completed_at == NOW + minutes(1)
    assert DeviceVariable.objects.count() == 3


def test_a_charger_that_counts_parts_from_one_is_understood() -> None:
    report = device_reports.ask(charge_point=charger(), now=NOW, base="SummaryInventory")
    part(report, 1, "A")
    part(report, 2, "B", last=True)
    assert report.status == DeviceReport.Status.COMPLETE


def test_only_a_full_inventory_takes_away_what_is_gone() -> None:
    at = charger()
    for base, left in (("ConfigurationInventory", {"Gone", "A"}), ("FullInventory", {"A"})):
        device_variables.keep(
            charge_point_id=at.pk,
            report=reports.VariablesReported((Told("Gone", "1", "C"),)),
            now=NOW - timedelta(days=1),
        )
        part(device_reports.ask(charge_point=at, now=NOW, base=base), 0, "A", last=True)
        assert set(at.variables.values_list("name", flat=True)) == left


@pytest.mark.parametrize(
    ("status", "accepted", "expected"),
    [("Accepted", True, "running"), ("EmptyResultSet", True, "empty"), ("NotSupported", False, "refused")],
)
def test_the_answer_tells_whether_a_report_will_come(status: str, accepted: bool, expected: str) -> None:
    report = device_reports.ask(charge_point=charger(), now=NOW, criteria=["Problem"])
    settle(report.command, status, accepted=accepted)
    report.refresh_from_db()
    assert (report.kind, report.status) == ("Custom", expected)


def test_a_part_that_overtakes_the_answer_is_not_forgotten() -> None:
    report = device_reports.ask(charge_point=charger(), now=NOW, base="FullInventory")
    part(report, 0, "A", last=True)
    settle(report.command, "Accepted")
    report.refresh_from_db()
    assert report.status == DeviceReport.Status.COMPLETE
