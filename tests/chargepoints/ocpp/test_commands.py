"""Every wish has words in both versions, by the schemas, and every answer a meaning."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chargepoints.domain import intents, reports
from chargepoints.ocpp import v16, v201, validation
from chargepoints.ocpp.version import Outcome, Version

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PERIODS = (intents.Period(0, 11_000.04, 3), intents.Period(900, -3_700.0), intents.Period(1_800, 0.0))
WISHES: dict[str, list[intents.Intent]] = {
    "remote_start": [intents.RemoteStart(evse_number=1, token="A", remote_start_id=7)],
    "remote_stop": [intents.RemoteStop(transaction_remote_id="42")],
    "reserve_now": [intents.ReserveNow(evse_number=1, reservation_number=3, token="A", expires_at=NOW)],
    "cancel_reservation": [intents.CancelReservation(reservation_number=3)],
    "set_charging_profile": [
        intents.SetChargingProfile(1, 101, 1, "tx", NOW, PERIODS, "42", NOW, 3_600),
        intents.SetChargingProfile(0, 1, 0, "tx_default", NOW, PERIODS[:1]),
        intents.SetChargingProfile(0, 2, 0, "charge_point_max", NOW, PERIODS[:1]),
        intents.SetChargingProfile(1, 3, 1, "tx_default", NOW, PERIODS, duration_s=86_400, recurrency="daily"),
    ],
    "clear_charging_profile": [
        intents.ClearChargingProfile(profile_id=101),
        intents.ClearChargingProfile(evse_number=1, purpose="tx_default"),
    ],
    "get_composite_schedule": [intents.GetCompositeSchedule(evse_number=1, duration_s=900)],
    "unlock": [intents.Unlock(evse_number=1)],
    "trigger": [
        intents.Trigger("StatusNotification", 1),
        intents.Trigger("MeterValues", 1),
        intents.Trigger("BootNotification"),
        intents.Trigger("Heartbeat"),
        intents.Trigger("LogStatusNotification", extended=True),
    ],
    "reset": [intents.Reset(), intents.Reset(immediate=True)],
    "change_availability": [intents.ChangeAvailability(True), intents.ChangeAvailability(False, 1)],
    "configure": [intents.Configure("OCPPCommCtrlr.HeartbeatInterval", "60")],
    "set_secret": [intents.SetSecret("5eed")],
    "get_variables": [intents.GetVariables((intents.Variable("HeartbeatInterval", "OCPPCommCtrlr"),))],
    "set_variables": [intents.SetVariables((intents.Variable("HeartbeatInterval", "OCPPCommCtrlr", value="60"),))],
    "get_report": [
        intents.GetReport(1, base="FullInventory"),
        intents.GetReport(2, criteria=("Problem",), variables=(intents.Variable("Power", "EVSE", evse_number=1),)),
    ],
    "set_network_profile": [intents.SetNetworkProfile(1, "wss://charging.example.org/ocpp", 2)],
    "clear_cache": [intents.ClearCache()],
    "send_local_list": [
        intents.SendLocalList(1, True, (intents.ListEntry("A", status="Accepted", expires_at=NOW, parent="G"),)),
        intents.SendLocalList(2, False, (intents.ListEntry("A"),)),
        intents.SendLocalList(3, True),
    ],
    "get_local_list_version": [intents.GetLocalListVersion()],
    "get_transaction_status": [intents.GetTransactionStatus("42"), intents.GetTransactionStatus()],
    "get_charging_profiles": [intents.GetChargingProfiles(1), intents.GetChargingProfiles(2, 1, "tx", (101,))],
    "update_firmware": [
        intents.UpdateFirmware(1, "https://fw.example.org/a.bin", NOW),
        intents.UpdateFirmware(2, "https://fw.example.org/a.bin", NOW, NOW, "PEM", "c2ln", 3, 60),
    ],
    "get_log": [
        intents.GetLog(1, "diagnostics", "https://logs.example.org/", NOW, NOW, 2, 30),
        intents.GetLog(2, "security", "https://logs.example.org/", extended=True),
    ],
    "data_transfer": [intents.DataTransfer("org.example", "hello", "{}")],
    "install_certificate": [intents.InstallCertificate("CentralSystemRootCertificate", "PEM")],
    "delete_certificate": [intents.DeleteCertificate("SHA256", "aa", "bb", "1")],
    "get_installed_certificates": [intents.GetInstalledCertificates("CentralSystemRootCertificate")],
    "send_signed_certificate": [intents.SendSignedCertificate("PEM")],
}
# GetConfiguration, UpdateFirmware and GetDiagnostics (1.6 6.22, 6.55, 6.20): an empty answer is one.
WITHOUT_STATUS = {("1.6", "get_variables"), ("1.6", "update_firmware"), ("1.6", "get_log")}
VERSIONS = [v16.VERSION, v201.VERSION]
in_both = pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)


def test_there_is_an_example_of_every_kind() -> None:
    assert set(WISHES) == set(intents.KINDS)


@in_both
@pytest.mark.parametrize("kind", intents.KINDS)
def test_every_wish_is_said_as_the_schema_wants_it(version: Version, kind: str) -> None:
    for wish in WISHES[kind]:
        if kind in version.unspoken:
            with pytest.raises(LookupError):
                version.request(wish)
            continue
        said = version.request(wish)
        schema = validation.validator(version.name, version.schema_name(said.action))
        assert list(schema.iter_errors(said.payload)) == []


@in_both
def test_a_profile_has_its_start_watts_and_negative_limits(version: Version) -> None:
    payload = version.request(WISHES["set_charging_profile"][0]).payload
    profile = payload.get("csChargingProfiles") or payload["chargingProfile"]
    schedule = profile["chargingSchedule"]
    schedule = schedule[0] if isinstance(schedule, list) else schedule
    assert schedule["startSchedule"] == "2026-03-02T09:00:00.000Z"
    assert schedule["chargingRateUnit"] == "W"
    assert schedule["duration"] == 3_600
    assert [(one["startPeriod"], one["limit"]) for one in schedule["chargingSchedulePeriod"]] == [
        (0, 11_000.0),
        (900, -3_700.0),
        (1_800, 0.0),
    ]
    assert profile["chargingProfilePurpose"] == "TxProfile"
    assert str(profile["transactionId"]) == "42"
    assert profile["validTo"] == "2026-03-02T09:00:00.000Z"


@in_both
def test_a_charger_that_takes_only_amperes_gets_them_rounded_down(version: Version) -> None:
    periods = (intents.Period(0, 11_000.0, 3), intents.Period(60, 3_700.0, 1), intents.Period(120, 4_200.0))
    said = version.request(intents.SetChargingProfile(1, 1, 0, "tx_default", NOW, periods), in_ampere=True)
    validation.validator(version.name, version.schema_name(said.action)).validate(said.payload)
    profile = said.payload.get("csChargingProfiles") or said.payload["chargingProfile"]
    schedule = profile["chargingSchedule"]
    schedule = schedule[0] if isinstance(schedule, list) else schedule
    assert schedule["chargingRateUnit"] == "A"
    assert [one["limit"] for one in schedule["chargingSchedulePeriod"]] == [15.9, 16.0, 6.0]


@in_both
def test_a_profile_is_cleared_by_its_id_else_by_what_it_is(version: Version) -> None:
    by_id, by_purpose = (version.request(wish).payload for wish in WISHES["clear_charging_profile"])
    criteria = {"chargingProfilePurpose": "TxDefaultProfile"}
    expected = {
        "1.6": ({"id": 101}, {"connectorId": 1, **criteria}),
        "2.0.1": ({"chargingProfileId": 101}, {"chargingProfileCriteria": {"evseId": 1, **criteria}}),
    }
    assert (by_id, by_purpose) == expected[version.name]


@in_both
def test_a_remote_start_names_token_and_place(version: Version) -> None:
    said = version.request(WISHES["remote_start"][0])
    expected: dict[str, tuple[str, dict[str, Any]]] = {
        "1.6": ("RemoteStartTransaction", {"connectorId": 1, "idTag": "A"}),
        "2.0.1": (
            "RequestStartTransaction",
            {"evseId": 1, "remoteStartId": 7, "idToken": {"idToken": "A", "type": "Central"}},
        ),
    }
    assert (said.action, said.payload) == expected[version.name]


@in_both
@pytest.mark.parametrize(
    ("kind", "status", "accepted"),
    [
        ("remote_start", "Accepted", True),
        ("remote_start", "Rejected", False),
        ("reserve_now", "Occupied", False),
        ("unlock", "Unlocked", True),
        ("unlock", "UnlockFailed", False),
        ("clear_charging_profile", "Unknown", True),
        ("change_availability", "Scheduled", True),
        ("trigger", "NotImplemented", False),
        ("set_charging_profile", "NotSupported", False),
    ],
)
def test_an_answer_s_status_is_a_yes_or_a_no(version: Version, kind: str, status: str, accepted: bool) -> None:
    answer = {"status": status}
    assert version.outcome(WISHES[kind][0], answer, NOW) == Outcome(accepted, answer)


def test_a_changed_setting_is_told_in_each_version_s_way() -> None:
    wish = WISHES["configure"][0]
    assert v16.VERSION.outcome(wish, {"status": "RebootRequired"}, NOW).accepted
    for status, accepted in (("Accepted", True), ("UnknownVariable", False)):
        answer = {"setVariableResult": [{"attributeStatus": status}]}
        assert v201.VERSION.outcome(wish, answer, NOW).accepted == accepted


@in_both
@pytest.mark.parametrize("kind", intents.KINDS)
@pytest.mark.parametrize("answer", [{}, {"setVariableResult": []}])
def test_an_answer_without_a_status_makes_no_sense(version: Version, kind: str, answer: dict[str, Any]) -> None:
    if kind in version.unspoken or (version.name, kind) in WITHOUT_STATUS:
        return
    with pytest.raises(LookupError):
        version.outcome(WISHES[kind][0], answer, NOW)


@pytest.mark.parametrize("kind", ["get_variables", "update_firmware", "get_log"])
def test_1_6_answers_some_wishes_without_a_status(kind: str) -> None:
    assert v16.VERSION.outcome(WISHES[kind][0], {}, NOW).accepted


def composite(version: Version, periods: list[dict[str, Any]], unit: str = "W") -> dict[str, Any]:
    schedule = {"chargingRateUnit": unit, "chargingSchedulePeriod": periods, "duration": 900}
    start = "2026-03-02T09:00:00Z"
    if version.name == "1.6":
        return {"status": "Accepted", "connectorId": 1, "scheduleStart": start, "chargingSchedule": schedule}
    return {"status": "Accepted", "schedule": {**schedule, "scheduleStart": start, "evseId": 1}}


@in_both
def test_a_schedule_that_is_read_back_is_in_watts(version: Version) -> None:
    wish = WISHES["get_composite_schedule"][0]
    watts = composite(version, [{"startPeriod": 300, "limit": 0}, {"startPeriod": 0, "limit": 4200.5}])
    assert version.outcome(wish, watts, NOW).report == reports.ScheduleReadBack(1, NOW, 900, ((0, 4200.5), (300, 0.0)))
    ampere = composite(
        version, [{"startPeriod": 0, "limit": 16, "numberPhases": 1}, {"startPeriod": 9, "limit": 10}], "A"
    )
    assert version.outcome(wish, ampere, NOW).report.periods == ((0, 3_680.0), (9, 6_900.0))


@in_both
def test_a_schedule_without_limit_or_sense_is_left_out(version: Version) -> None:
    wish = WISHES["get_composite_schedule"][0]
    periods = [{"startPeriod": 0, "limit": -1}, {"startPeriod": "x", "limit": 5}, {"startPeriod": 60, "limit": 5}]
    assert version.outcome(wish, composite(version, periods), NOW).report.periods == ((60, 5.0),)
    assert version.outcome(wish, {"status": "Accepted"}, NOW).report is None
    assert version.outcome(wish, {"status": "Rejected"}, NOW).report is None
