"""Every report has a source in both versions, and sloppy words still become facts."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from chargepoints.domain import reports
from chargepoints.domain.authorization import AuthorizationStatus
from chargepoints.domain.status import ConnectorStatus
from chargepoints.ocpp import v16, v201, validation
from chargepoints.ocpp.v16 import translation as t16
from chargepoints.ocpp.v201 import charging, device_model
from chargepoints.ocpp.v201 import translation as t201
from chargepoints.services import answers
from chargepoints.services.authorization import Authorization
from chargepoints.services.data_transfer import Reply, Status

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AT = "2026-03-02T08:00:00Z"
THEN = NOW - timedelta(hours=1)
BLOCKS = [{"timestamp": AT, "sampledValue": [{"value": "100"}]}]
BLOCKS_201 = [{"timestamp": AT, "sampledValue": [{"value": 100}]}]
EVENT = {"timestamp": AT, "triggerReason": "Authorized", "seqNo": 3, "offline": True}
INFO = {"transactionId": "T-1", "chargingState": "Charging", "remoteStartId": 9}
TOKEN = {"idToken": "A", "type": "ISO14443"}
# Which translation of each version makes which report.
SOURCES: dict[type, dict[str, Any]] = {
    reports.Booted: {
        "1.6": lambda: t16.booted({"chargePointVendor": "V", "chargePointModel": "M"}),
        "2.0.1": lambda: t201.booted({"reason": "PowerUp", "chargingStation": {"vendorName": "V", "model": "M"}}),
    },
    reports.StatusReported: {
        "1.6": lambda: t16.status_reported(
            {"connectorId": 2, "status": "Faulted", "errorCode": "GroundFailure", "timestamp": AT}, NOW
        ),
        "2.0.1": lambda: t201.status_reported(
            {"evseId": 2, "connectorId": 1, "connectorStatus": "Faulted", "timestamp": AT}, NOW
        ),
    },
    reports.TokenPresented: {
        "1.6": lambda: t16.token_presented({"idTag": "A"}),
        "2.0.1": lambda: t201.token_presented(TOKEN),
    },
    reports.TransactionStarted: {
        "1.6": lambda: t16.transaction_started(
            {"connectorId": 2, "idTag": "A", "meterStart": 100, "timestamp": AT, "reservationId": 5}, NOW
        ),
        "2.0.1": lambda: t201.transaction_started(
            EVENT
            | {"transactionInfo": INFO, "evse": {"id": 2, "connectorId": 1}, "reservationId": 5}
            | {"idToken": TOKEN, "meterValue": BLOCKS_201},
            NOW,
        ),
    },
    reports.TransactionUpdated: {
        "2.0.1": lambda: t201.transaction_updated(
            EVENT | {"transactionInfo": INFO, "evse": {"id": 2}, "meterValue": BLOCKS_201}, NOW
        ),
    },
    reports.TransactionEnded: {
        "1.6": lambda: t16.transaction_ended(
            {"transactionId": 7, "meterStop": 100, "timestamp": AT, "reason": "PowerLoss", "transactionData": BLOCKS},
            NOW,
        ),
        "2.0.1": lambda: t201.transaction_ended(
            EVENT | {"transactionInfo": INFO | {"stoppedReason": "PowerLoss"}, "meterValue": BLOCKS_201}, NOW
        ),
    },
    reports.MeterValuesReported: {
        "1.6": lambda: t16.meter_values({"connectorId": 2, "meterValue": BLOCKS}, NOW),
        "2.0.1": lambda: t201.meter_values({"evseId": 2, "meterValue": BLOCKS_201}, NOW),
    },
    reports.FirmwareProgress: {
        "1.6": lambda: t16.firmware_progress({"status": "Downloading", "requestId": 7}, NOW),
        "2.0.1": lambda: t201.firmware_progress({"status": "Downloading", "requestId": 7}, NOW),
    },
    reports.LogProgress: {
        "1.6": lambda: t16.log_progress({"status": "Uploading", "requestId": 7}, NOW),
        "2.0.1": lambda: t201.log_progress({"status": "Uploading", "requestId": 7}, NOW),
    },
    reports.SecurityEventReported: {
        "1.6": lambda: t16.security_event({"type": "ResetOrReboot", "timestamp": AT, "techInfo": "x"}, NOW),
        "2.0.1": lambda: t201.security_event({"type": "ResetOrReboot", "timestamp": AT, "techInfo": "x"}, NOW),
    },
    reports.VariablesReported: {
        "2.0.1": lambda: device_model.reported({"requestId": 1, "seqNo": 0, "generatedAt": AT, "reportData": []}),
    },
    reports.ReservationEnded: {
        "2.0.1": lambda: t201.reservation_ended({"reservationId": 5, "reservationUpdateStatus": "Expired"}),
    },
    reports.ExternalLimitReported: {
        "2.0.1": lambda: charging.limit_reported({"chargingLimit": {"chargingLimitSource": "EMS"}}, NOW),
    },
    reports.ExternalLimitCleared: {
        "2.0.1": lambda: charging.limit_cleared({"chargingLimitSource": "EMS"}),
    },
    reports.ChargingNeedsTold: {
        "2.0.1": lambda: charging.needs_told({"evseId": 1, "chargingNeeds": {"requestedEnergyTransfer": "DC"}}, NOW),
    },
    reports.ProfilesReported: {
        "2.0.1": lambda: charging.profiles_reported(
            {"requestId": 1, "evseId": 1, "chargingLimitSource": "CSO", "chargingProfile": []}
        ),
    },
}
# Made from an answer to a command in one version at least, see test_commands.
FROM_ANSWERS = {
    reports.CertificatesReported,
    reports.LocalListVersionReported,
    reports.LogNamed,
    reports.ScheduleReadBack,
    reports.TransactionStatusReported,
}
# Parts of other reports.
PARTS = {reports.SignedReading, reports.VariableReported}
# What 1.6 has no message for: its progress is meter values, its settings are told when it is asked.
OF_201 = {
    reports.ChargingNeedsTold,
    reports.ExternalLimitCleared,
    reports.ExternalLimitReported,
    reports.ProfilesReported,
    reports.ReservationEnded,
    reports.TransactionUpdated,
    reports.VariablesReported,
}


def test_every_report_has_a_source_in_both_versions() -> None:
    every = {kind for kind in vars(reports).values() if getattr(kind, "__module__", "") == reports.__name__}
    assert set(SOURCES) == every - FROM_ANSWERS - PARTS
    for kind, sources in SOURCES.items():
        assert set(sources) == ({"2.0.1"} if kind in OF_201 else {"1.6", "2.0.1"})
        for version, translate in sources.items():
            assert isinstance(translate(), kind), (kind, version)


@pytest.mark.parametrize(
    ("kind", "told_by_one_only"),
    [
        (reports.Booted, {"ocpp_version", "reason"}),
        (reports.StatusReported, {"error_code"}),
        (reports.TokenPresented, {"type"}),
        (
            reports.TransactionStarted,
            {"token", "remote_id", "remote_start_id", "charging_state", "seq_no", "offline", "samples"},
        ),
        (reports.TransactionEnded, {"remote_id", "seq_no", "offline", "samples"}),
        (reports.MeterValuesReported, {"samples"}),
        (reports.FirmwareProgress, set()),
        (reports.LogProgress, set()),
        (reports.SecurityEventReported, set()),
    ],
)
def test_both_versions_tell_the_same_facts(kind: type, told_by_one_only: set[str]) -> None:
    one, other = SOURCES[kind]["1.6"](), SOURCES[kind]["2.0.1"]()
    different = {field.name for field in fields(kind) if getattr(one, field.name) != getattr(other, field.name)}
    assert different <= told_by_one_only


@pytest.mark.parametrize("version", [v16, v201])
def test_every_handler_s_message_has_a_schema(version: ModuleType) -> None:
    for action in version.VERSION.handlers:
        assert validation.validator(version.VERSION.name, version.VERSION.schema_name(action)) is not None
    assert version.VERSION.lasting <= set(version.VERSION.handlers)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Available", ConnectorStatus.AVAILABLE),
        ("Preparing", ConnectorStatus.PREPARING),
        ("Charging", ConnectorStatus.CHARGING),
        ("SuspendedEV", ConnectorStatus.SUSPENDED_EV),
        ("SuspendedEVSE", ConnectorStatus.SUSPENDED_EVSE),
        ("Finishing", ConnectorStatus.FINISHING),
        ("Reserved", ConnectorStatus.RESERVED),
        ("Unavailable", ConnectorStatus.UNAVAILABLE),
        ("Faulted", ConnectorStatus.FAULTED),
        ("Dreaming", ConnectorStatus.UNKNOWN),
    ],
)
def test_the_statuses_of_1_6(said: str, meant: ConnectorStatus) -> None:
    assert t16.status_reported({"connectorId": 1, "status": said}, NOW).status == meant


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Available", ConnectorStatus.AVAILABLE),
        ("Occupied", ConnectorStatus.PREPARING),
        ("Reserved", ConnectorStatus.RESERVED),
        ("Unavailable", ConnectorStatus.UNAVAILABLE),
        ("Faulted", ConnectorStatus.FAULTED),
        ("Dreaming", ConnectorStatus.UNKNOWN),
    ],
)
def test_the_statuses_of_2_0_1(said: str, meant: ConnectorStatus) -> None:
    assert t201.status_reported({"evseId": 1, "connectorId": 1, "connectorStatus": said}, NOW).status == meant


def test_connector_0_of_1_6_is_the_charge_point_and_its_fault_has_a_reason() -> None:
    payload = {"connectorId": 0, "status": "Faulted", "errorCode": "OtherError", "vendorErrorCode": "E7", "info": "hot"}
    told = t16.status_reported(payload, NOW)
    assert (told.evse_number, told.connector_number, told.error_code, told.info) == (0, 0, "OtherError", "E7 hot")
    assert told.at == NOW


def test_no_error_is_no_error_code() -> None:
    assert t16.status_reported({"connectorId": 1, "status": "Available", "errorCode": "NoError"}, NOW).error_code == ""


@pytest.mark.parametrize("transaction_id", [0, -1, None, "x"])
def test_meter_values_of_no_transaction_belong_to_the_connector(transaction_id: Any) -> None:
    told = t16.meter_values({"connectorId": 1, "transactionId": transaction_id, "meterValue": BLOCKS}, NOW)
    assert (told.evse_number, told.remote_id) == (1, "")


def test_meter_values_in_every_shape_become_samples() -> None:
    block = {
        "timestamp": AT,
        "sampledValue": [
            {"value": "0A1B" * 300, "format": "SignedData"},
            {"value": "NaN", "measurand": "SoC"},
            {"value": "1,5", "unit": "kWh"},
            {"value": "230.1", "measurand": "Voltage", "phase": "L1-N"},
            {"value": "50", "measurand": "Frequency", "unit": "Hz"},
            {"value": "Parked"},
            {},
        ],
    }
    told = t16.samples([block, {}, {"timestamp": AT}], NOW)
    assert [(one.measurand, one.value, one.unit) for one in told if not one.flaw] == [
        ("Energy.Active.Import.Register", 1_500.0, "Wh"),
        ("Voltage", 230.1, "V"),
        ("Frequency", 50.0, "Hz"),
    ]
    assert [one.raw for one in told if one.flaw] == ["NaN", "Parked", ""]
    assert {one.at for one in told} == {THEN}


def test_a_start_without_token_or_meter_is_still_a_start() -> None:
    told = t201.transaction_started({"transactionInfo": {"transactionId": "T"}, "timestamp": "garbage"}, NOW)
    assert (told.token, told.meter_start_wh, told.at, told.remote_id) == (None, None, NOW, "T")


def test_a_stop_without_reason_was_local_and_without_token_has_none() -> None:
    told = t16.transaction_ended({"transactionId": -1, "meterStop": 5, "timestamp": AT}, NOW)
    assert (told.remote_id, told.reason, told.token, told.meter_stop_wh) == ("-1", "Local", None, 5.0)


def test_the_verdict_on_a_token_in_both_versions() -> None:
    verdict = Authorization(AuthorizationStatus.EXPIRED, parent="FLEET", expires_at=NOW)
    until = "2026-03-02T09:00:00.000Z"
    assert t16.id_tag_info(verdict) == {"status": "Expired", "parentIdTag": "FLEET", "expiryDate": until}
    assert t201.id_token_info(verdict) == {
        "status": "Expired",
        "groupIdToken": {"idToken": "FLEET", "type": "Central"},
        "cacheExpiryDateTime": until,
    }
    for status in AuthorizationStatus:
        version_16 = {"idTagInfo": t16.id_tag_info(Authorization(status))}
        version_201 = {"idTokenInfo": t201.id_token_info(Authorization(status))}
        validation.validator("1.6", "AuthorizeResponse").validate(version_16)
        validation.validator("2.0.1", "AuthorizeResponse").validate(version_201)


def test_signed_values_of_1_6_are_kept_as_they_are_and_are_no_numbers() -> None:
    text = "OCMF|{}|" + "A" * 4_000
    signed = {"value": text, "format": "SignedData", "context": "Transaction.End"}
    block = {"timestamp": AT, "sampledValue": [signed, {"value": "100"}]}
    report = t16.meter_values({"connectorId": 1, "meterValue": [block]}, NOW)
    assert [sample.value for sample in report.samples] == [100]
    assert report.signed == (reports.SignedReading(at=THEN, data=text, context="Transaction.End"),)


def test_a_vendor_s_answer_is_text_in_1_6() -> None:
    assert t16.vendor_reply(Reply(data={"soc": 80})) == {"status": "Accepted", "data": '{"soc": 80}'}
    assert t16.vendor_reply(Reply(data="80")) == {"status": "Accepted", "data": "80"}
    assert t16.vendor_reply(Reply(Status.REJECTED)) == {"status": "Rejected"}


def test_what_an_answer_tells_is_kept_by_some_service() -> None:
    assert {*FROM_ANSWERS, reports.VariablesReported} <= set(answers._keepers)
