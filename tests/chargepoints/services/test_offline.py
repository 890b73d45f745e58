"""Whom chargers let charge while they cannot ask, told by their own settings."""

import pytest

from chargepoints.models import ChargePoint, Command, DeviceVariable, Operator
from chargepoints.services import offline
from tests import factories
from tests.factories import NOW, minutes

pytestmark = pytest.mark.django_db

TOLD = {
    "1.6": {
        ("", "LocalAuthorizeOffline"): "true",
        ("", "AllowOfflineTxForUnknownId"): "false",
        ("", "LocalAuthListEnabled"): "true",
        ("", "AuthorizationCacheEnabled"): "true",
        ("", "LocalPreAuthorize"): "false",
        ("", "StopTransactionOnInvalidId"): "true",
    },
    "2.0.1": {
        ("AuthCtrlr", "LocalAuthorizeOffline"): "True",
        ("AuthCtrlr", "OfflineTxForUnknownIdEnabled"): "False",
        ("LocalAuthListCtrlr", "Enabled"): "True",
        ("AuthCacheCtrlr", "Enabled"): "True",
        ("AuthCtrlr", "LocalPreAuthorize"): "False",
        ("TxCtrlr", "StopTxOnInvalidId"): "True",
        ("AuthCtrlr", "MasterPassGroupId"): "",
    },
}


def charger(version: str, behaviour: str = "known", operator: Operator | None = None) -> ChargePoint:
    """A charger that behaves as "known" asks for."""
    row = factories.charge_point(operator)
    ChargePoint.objects.filter(pk=row.pk).update(ocpp_version=version, offline_behaviour=behaviour)
    row.refresh_from_db()
    for (component, name), value in TOLD[version].items():
        DeviceVariable.objects.create(charge_point=row, component=component, name=name, value=value, reported_at=NOW)
    return row


def changes(point: ChargePoint) -> dict[str, str]:
    found: dict[str, str] = {}
    for command in Command.objects.filter(charge_point=point):
        if command.kind == "configure":
            found[command.payload["key"]] = command.payload["value"]
        for one in command.payload.get("variables", []):
            found[f"{one['component']}.{one['name']}"] = one["value"]
    return found


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_charger_that_behaves_as_it_should_is_left_alone(version: str) -> None:
    point = charger(version)
    assert offline.sweep(now=NOW) == 0
    assert changes(point) == {}


@pytest.mark.parametrize(
    ("version", "behaviour", "changed"),
    [
        ("1.6", "anybody", {"AllowOfflineTxForUnknownId": "true"}),
        ("1.6", "nobody", {"LocalAuthorizeOffline": "false"}),
        ("2.0.1", "anybody", {"AuthCtrlr.OfflineTxForUnknownIdEnabled": "true"}),
        ("2.0.1", "nobody", {"AuthCtrlr.LocalAuthorizeOffline": "false"}),
    ],
)
def test_only_what_differs_is_changed_and_only_once(version: str, behaviour: str, changed: dict[str, str]) -> None:
    point = charger(version, behaviour)
    assert offline.sweep(now=NOW) == 1
    assert offline.sweep(now=NOW + minutes(1)) == 0
    assert changes(point) == changed


def test_a_charger_that_would_not_stop_who_is_refused_is_told_to() -> None:
    point = charger("1.6")
    point.variables.filter(name="StopTransactionOnInvalidId").update(value="false")
    offline.sweep(now=NOW)
    assert changes(point) == {"StopTransactionOnInvalidId": "true"}


def test_what_a_charger_does_not_have_or_let_change_or_refused_is_not_touched() -> None:
    point = charger("1.6", "anybody")
    point.variables.filter(name="LocalPreAuthorize").delete()
    point.variables.filter(name="AllowOfflineTxForUnknownId").update(mutability="ReadOnly")
    point.variables.filter(name="AuthorizationCacheEnabled").update(value="false", refusal="NotSupported")
    assert offline.sweep(now=NOW) == 0


def test_a_charger_that_did_not_answer_is_told_again_an_hour_later() -> None:
    charger("1.6", "anybody")
    offline.sweep(now=NOW)
    Command.objects.update(status="timed_out")
    assert offline.sweep(now=NOW + minutes(30)) == 0
    assert offline.sweep(now=NOW + minutes(61)) == 1


def test_a_2_0_1_charger_is_told_its_operator_s_master_pass() -> None:
    operator = factories.operator()
    Operator.objects.filter(pk=operator.pk).update(master_pass_group="MASTER")
    point = charger("2.0.1", operator=operator)
    offline.sweep(now=NOW)
    assert changes(point) == {"AuthCtrlr.MasterPassGroupId": "MASTER"}


def test_a_master_pass_that_is_not_named_any_more_is_taken_out_of_the_charger() -> None:
    point = charger("2.0.1", operator=factories.operator())
    point.variables.filter(name="MasterPassGroupId").update(value="MASTER")
    assert offline.sweep(now=NOW) == 1
    assert changes(point) == {"AuthCtrlr.MasterPassGroupId": ""}
    Command.objects.all().delete()
    point.variables.filter(name="MasterPassGroupId").update(refusal="Rejected")
    assert offline.sweep(now=NOW + minutes(1)) == 0, "one that takes no empty value is not asked again and again"


def test_a_charger_that_is_away_or_not_accepted_is_not_told() -> None:
    point = charger("1.6", "anybody")
    ChargePoint.objects.filter(pk=point.pk).update(connection_key="")
    assert offline.sweep(now=NOW) == 0
    ChargePoint.objects.filter(pk=point.pk).update(connection_key="link", registration="pending")
    assert offline.sweep(now=NOW) == 0


def test_after_a_boot_1_6_is_asked_for_all_its_keys_and_2_0_1_for_those_that_matter() -> None:
    one, other = charger("1.6"), charger("2.0.1")
    offline.ask_settings(charge_point=one, now=NOW)
    offline.ask_settings(charge_point=other, now=NOW)
    assert Command.objects.get(charge_point=one).payload == {"variables": []}
    asked = changes(other)
    assert {"AuthCtrlr.OfflineTxForUnknownIdEnabled", "LocalAuthListCtrlr.ItemsPerMessage"} <= set(asked)


def test_one_that_cannot_be_changed_does_not_keep_the_others_from_it() -> None:
    point = charger("1.6", "anybody")
    point.variables.filter(name="AllowOfflineTxForUnknownId").update(mutability="ReadOnly")
    point.variables.filter(name="LocalPreAuthorize").update(value="true")
    assert offline.sweep(now=NOW) == 1
    assert changes(point) == {"LocalPreAuthorize": "false"}
