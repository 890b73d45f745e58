"""The messages of a charging session, made before the clock starts: a list of steps for each version.

A session is 21 messages: boot, three heartbeats, statuses, authorise, start, ten times twelve samples, stop.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

METER_VALUES = 10
SAMPLES = 12
MESSAGES = 21
ENERGY_WH = 183 * METER_VALUES  # ten minutes at 11 kW
# Stands in frames of 1.6 where the server's number of the transaction goes.
TRANSACTION = '"@transaction@"'
_SUBPROTOCOLS = {"1.6": "ocpp1.6", "2.0.1": "ocpp2.0.1"}


@dataclass(frozen=True, slots=True)
class Step:
    """One message: what comes after its id on the wire."""

    action: str
    rest: str


def subprotocol(version: str) -> str:
    return _SUBPROTOCOLS[version]


def session(version: str, *, token: str, transaction: str, started_at: datetime, meter_start_wh: int) -> list[Step]:
    """All steps of a session. ``transaction`` is the charger's own id in 2.0.1, and nothing in 1.6."""
    if version == "1.6":
        return _session_16(token, started_at, meter_start_wh)
    return _session_201(token, transaction, started_at, meter_start_wh)


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def step(action: str, payload: dict[str, Any]) -> Step:
    text = json.dumps(payload, separators=(",", ":")).replace(f'"{TRANSACTION[1:-1]}"', TRANSACTION)
    return Step(action, f'","{action}",{text}]')


def readings(number: int, meter_start_wh: int) -> list[tuple[str, str, str, float]]:
    """Measurand, phase, unit and value of the twelve samples of one minute."""
    phases = ("L1-N", "L2-N", "L3-N")
    return [
        ("Energy.Active.Import.Register", "", "Wh", meter_start_wh + 183 * number),
        ("Power.Active.Import", "", "W", 11_000.0),
        ("Power.Offered", "", "W", 11_000.0),
        ("Current.Offered", "", "A", 16.0),
        *(("Voltage", phase, "V", 230.1) for phase in phases),
        *(("Current.Import", phase[:2], "A", 15.9) for phase in phases),
        ("SoC", "", "Percent", 20.0 + number),
        ("Temperature", "", "Celsius", 31.5),
    ]


def _session_16(token: str, started_at: datetime, meter_start_wh: int) -> list[Step]:
    heartbeat = step("Heartbeat", {})
    values = [_meter_values_16(number, started_at, meter_start_wh) for number in range(1, METER_VALUES + 1)]
    start = {"connectorId": 1, "idTag": token, "meterStart": meter_start_wh, "timestamp": moment(started_at)}
    end = {
        "transactionId": TRANSACTION[1:-1],
        "idTag": token,
        "meterStop": meter_start_wh + ENERGY_WH,
        "timestamp": moment(started_at + timedelta(minutes=METER_VALUES)),
        "reason": "Local",
    }
    return [
        step("BootNotification", {"chargePointVendor": "Bench", "chargePointModel": "Model 16"}),
        heartbeat,
        _status_16("Available", started_at - timedelta(minutes=2)),
        _status_16("Preparing", started_at - timedelta(minutes=1)),
        step("Authorize", {"idTag": token}),
        step("StartTransaction", start),
        _status_16("Charging", started_at),
        *values[:5],
        heartbeat,
        *values[5:],
        step("StopTransaction", end),
        _status_16("Finishing", started_at + timedelta(minutes=METER_VALUES)),
        heartbeat,
    ]


def _status_16(status: str, at: datetime) -> Step:
    return step(
        "StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": moment(at)}
    )


def _meter_values_16(number: int, started_at: datetime, meter_start_wh: int) -> Step:
    samples = [
        {"value": str(value), "context": "Sample.Periodic", "measurand": measurand, "unit": unit}
        | ({"phase": phase} if phase else {})
        for measurand, phase, unit, value in readings(number, meter_start_wh)
    ]
    block = {"timestamp": moment(started_at + timedelta(minutes=number)), "sampledValue": samples}
    return step("MeterValues", {"connectorId": 1, "transactionId": TRANSACTION[1:-1], "meterValue": [block]})


def _session_201(token: str, transaction: str, started_at: datetime, meter_start_wh: int) -> list[Step]:
    heartbeat = step("Heartbeat", {})
    id_token = {"idToken": token, "type": "ISO14443"}

    def event(kind: str, trigger: str, seq_no: int, number: int, **rest: Any) -> Step:
        at = moment(started_at + timedelta(minutes=number))
        info = {"transactionId": transaction, "chargingState": "EVConnected" if kind == "Ended" else "Charging"}
        head = {"eventType": kind, "timestamp": at, "triggerReason": trigger, "seqNo": seq_no, "transactionInfo": info}
        return step("TransactionEvent", head | rest)

    def register(number: int, context: str) -> list[dict[str, Any]]:
        at = moment(started_at + timedelta(minutes=number))
        return [{"timestamp": at, "sampledValue": [_sample_201(readings(number, meter_start_wh)[0], context)]}]

    def meter_values(number: int) -> Step:
        block = _block_201(number, started_at, meter_start_wh)
        return event("Updated", "MeterValuePeriodic", number + 1, number, meterValue=block)

    values = [meter_values(number) for number in range(1, METER_VALUES + 1)]
    evse = {"id": 1, "connectorId": 1}
    begin, end = register(0, "Transaction.Begin"), register(METER_VALUES, "Transaction.End")
    return [
        step("BootNotification", {"reason": "PowerUp", "chargingStation": {"vendorName": "Bench", "model": "201"}}),
        heartbeat,
        _status_201("Available", started_at - timedelta(minutes=2)),
        _status_201("Occupied", started_at - timedelta(minutes=1)),
        step("Authorize", {"idToken": id_token}),
        event("Started", "Authorized", 0, 0, idToken=id_token, evse=evse, meterValue=begin),
        event("Updated", "ChargingStateChanged", 1, 0),
        *values[:5],
        heartbeat,
        *values[5:],
        event("Ended", "StopAuthorized", METER_VALUES + 2, METER_VALUES, idToken=id_token, meterValue=end),
        _status_201("Available", started_at + timedelta(minutes=METER_VALUES)),
        heartbeat,
    ]


def _status_201(status: str, at: datetime) -> Step:
    return step(
        "StatusNotification", {"timestamp": moment(at), "connectorStatus": status, "evseId": 1, "connectorId": 1}
    )


def _block_201(number: int, started_at: datetime, meter_start_wh: int) -> list[dict[str, Any]]:
    # 2.0.1 knows no temperature, 1.6 no hertz.
    told = [*readings(number, meter_start_wh)[:-1], ("Frequency", "", "Hz", 50.0)]
    samples = [_sample_201(reading, "Sample.Periodic") for reading in told]
    return [{"timestamp": moment(started_at + timedelta(minutes=number)), "sampledValue": samples}]


def _sample_201(reading: tuple[str, str, str, float], context: str) -> dict[str, Any]:
    measurand, phase, unit, value = reading
    sample = {"value": value, "context": context, "measurand": measurand, "unitOfMeasure": {"unit": unit}}
    return sample | ({"phase": phase} if phase else {})
