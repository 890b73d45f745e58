"""Sloppy payloads are mended; what has lost its meaning is refused."""

from typing import Any

import pytest

from chargepoints.ocpp import validation
from chargepoints.ocpp.rpc import Fault, RpcError

START = {"connectorId": 1, "idTag": "A", "meterStart": 0, "timestamp": "2026-03-02T09:00:00Z"}


def mended(name: str, payload: Any, version: str = "1.6") -> Any:
    return validation.mended(version, name, payload)[0]


def test_a_correct_payload_passes_as_it_is() -> None:
    assert validation.mended("1.6", "StartTransaction", START) == (START, [])


def test_additional_properties_are_noted_and_tolerated() -> None:
    payload, notes = validation.mended("1.6", "Heartbeat", {"rssi": -70})
    assert payload == {"rssi": -70}
    assert notes == ["additionalProperties "]


def test_numbers_and_texts_take_the_type_that_is_meant() -> None:
    sloppy = START | {"connectorId": "1", "meterStart": "12", "idTag": 4711}
    assert mended("StartTransaction", sloppy) == START | {"meterStart": 12, "idTag": "4711"}
    values = {"connectorId": 1, "meterValue": [{"timestamp": "x", "sampledValue": [{"value": 1.5}]}]}
    assert mended("MeterValues", values)["meterValue"][0]["sampledValue"] == [{"value": "1.5"}]


def test_an_object_where_a_list_is_meant_becomes_a_list() -> None:
    values = {"connectorId": 1, "meterValue": {"timestamp": "x", "sampledValue": {"value": "1"}}}
    assert mended("MeterValues", values)["meterValue"] == [{"timestamp": "x", "sampledValue": [{"value": "1"}]}]


def test_empty_fields_are_left_out() -> None:
    boot = {"chargePointVendor": "V", "chargePointModel": "M", "iccid": None, "firmwareVersion": {}}
    assert mended("BootNotification", boot) == {"chargePointVendor": "V", "chargePointModel": "M"}


def test_items_of_the_wrong_shape_are_left_out_and_their_neighbours_stay() -> None:
    values = {"connectorId": 1, "meterValue": [None, {"timestamp": "x", "sampledValue": [{"value": "1"}, *range(11)]}]}
    assert mended("MeterValues", values)["meterValue"] == [{"timestamp": "x", "sampledValue": [{"value": "1"}]}]


@pytest.mark.parametrize("left_out", ["timestamp", "meterStart", "connectorId"])
def test_a_start_without_what_we_can_do_without_is_taken(left_out: str) -> None:
    payload = {key: value for key, value in START.items() if key != left_out}
    assert mended("StartTransaction", payload) == payload


def test_long_texts_and_unknown_words_are_tolerated() -> None:
    boot = {"chargePointVendor": "V" * 80, "chargePointModel": "M", "chargePointSerialNumber": "S" * 90}
    assert mended("BootNotification", boot) == boot
    status = {"connectorId": 42, "status": "Dreaming", "errorCode": "Tired"}
    assert mended("StatusNotification", status) == status


@pytest.mark.parametrize(
    ("name", "payload", "fault"),
    [
        ("StartTransaction", [], Fault.SHAPE),
        ("StartTransaction", "text", Fault.SHAPE),
        ("Authorize", {}, Fault.MISSING),
        ("Authorize", {"idTag": None}, Fault.TYPE),
        ("StatusNotification", {"connectorId": 1}, Fault.MISSING),
    ],
)
def test_what_has_lost_its_meaning_is_refused(name: str, payload: Any, fault: Fault) -> None:
    with pytest.raises(RpcError) as refusal:
        mended(name, payload)
    assert refusal.value.fault == fault


def test_both_versions_have_their_schemas_and_strange_names_have_none() -> None:
    assert validation.validator("2.0.1", "TransactionEventRequest") is not None
    assert validation.validator("1.6", "TransactionEvent") is None
    assert validation.validator("1.6", "../v201/schemas/HeartbeatRequest") is None
