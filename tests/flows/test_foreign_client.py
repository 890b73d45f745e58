"""A charger that is not ours (npm `ocpp-rpc`, strict mode) charges a car at the running system."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from chargepoints.domain import intents
from chargepoints.models import (
    ChargePoint,
    ChargingProfile,
    Command,
    CompositeSchedule,
    Connector,
    Evse,
    IdToken,
    MeterValue,
    Reservation,
    Transaction,
)
from chargepoints.services import commands, reservations
from tests.flows.conftest import SECRET
from tests.flows.support import until
from tests.servers import ROOT, Stack, program

WITHIN_S = 90
WISHES = [
    intents.GetCompositeSchedule(evse_number=1, duration_s=900),
    intents.ChangeAvailability(operative=False, evse_number=1),
    intents.Unlock(evse_number=1),
    intents.Reset(),
]


def charge_elsewhere(stack: Stack, charge_point: ChargePoint, token: str, protocol: str, await_: list[str]) -> Any:
    process = put_on(stack, charge_point, protocol, token=token, **{"await": await_})
    return what_it_heard(process, stack)


def put_on(stack: Stack, charge_point: ChargePoint, protocol: str, **options: Any) -> "subprocess.Popen[str]":
    access = {"endpoint": stack.ocpp_url, "identity": charge_point.identity, "password": SECRET, "protocol": protocol}
    command = [program("node"), "charger.js", json.dumps({**access, **options})]
    folder = ROOT / "tests" / "ocpp_rpc"
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def what_it_heard(process: "subprocess.Popen[str]", stack: Stack) -> Any:
    told, errors = process.communicate(timeout=WITHIN_S)
    assert process.returncode == 0, errors + stack.log.read_text()
    return json.loads(told)


@pytest.mark.parametrize("protocol", ["ocpp1.6", "ocpp2.0.1"])
def test_a_foreign_charger_charges_and_obeys(
    protocol: str, charge_point: ChargePoint, token: IdToken, live_stack: Stack
) -> None:
    for wish in WISHES:
        commands.enqueue(charge_point=charge_point, intent=wish, now=timezone.now())
    awaited = ["SetChargingProfile", "GetCompositeSchedule", "ChangeAvailability", "UnlockConnector", "Reset"]
    told = charge_elsewhere(live_stack, charge_point, token.token, protocol, awaited)

    assert (told["protocol"], told["problems"]) == (protocol, [])
    assert told["answers"]["BootNotification"]["status"] == "Accepted"
    info = "idTagInfo" if protocol == "ocpp1.6" else "idTokenInfo"
    assert told["answers"]["Authorize"][info]["status"] == "Accepted"
    _the_session_is_stored(charge_point, token)
    _the_commands_are_settled()


def _the_session_is_stored(charge_point: ChargePoint, token: IdToken) -> None:
    row = Transaction.objects.get(charge_point=charge_point)
    assert (row.state, row.id_token_id, row.flaw) == (Transaction.State.ENDED, token.pk, "")
    assert (row.started_at, row.ended_at) == (_at(1), _at(16))
    assert row.energy_wh == 1_000
    register = MeterValue.objects.get(transaction=row, at=_at(11), measurand="Energy.Active.Import.Register")
    assert (register.value, register.unit) == (1_700, "Wh")


def _at(minute: int) -> datetime:
    return datetime(2026, 3, 2, 9, minute, tzinfo=UTC)


def _the_commands_are_settled() -> None:
    until(lambda: not Command.objects.filter(status="sent").exists(), "the last answers are stored")
    outcome = {
        command.kind: command.status for command in Command.objects.all() if command.kind != "set_charging_profile"
    }
    assert outcome == {
        "get_composite_schedule": "accepted",
        "change_availability": "accepted",
        "unlock": "rejected",
        "reset": "failed",
    }
    assert Command.objects.get(kind="reset").error.startswith("NotSupported")
    assert Command.objects.filter(kind="set_charging_profile", status="accepted").exists()
    assert CompositeSchedule.objects.get().periods == [[0, 4200.0]]


Step = dict[str, Any]


def say(action: str, **payload: Any) -> Step:
    return {"say": action, "payload": payload}


def until_asked(action: str, *, holding: str = "", times: int = 1) -> Step:
    return {"until": action, "holding": holding, "times": times}


def script_of_16(token: str, begun: datetime) -> list[Step]:
    def status(word: str) -> Step:
        return say("StatusNotification", connectorId=1, errorCode="NoError", status=word)

    start = {"connectorId": 1, "idTag": token, "meterStart": 1_000, "reservationId": "$reservationId"}
    stop = {"transactionId": "$transactionId", "idTag": token, "meterStop": 2_000}
    return [
        say("BootNotification", chargePointVendor="Elsewhere", chargePointModel="Model 16"),
        status("Available"),
        until_asked("ReserveNow"),
        status("Reserved"),
        until_asked("CancelReservation"),
        status("Available"),
        until_asked("ReserveNow", times=2),
        status("Reserved"),
        say("Authorize", idTag=token),
        say("StartTransaction", **start, timestamp=begun.isoformat()),
        status("Charging"),
        until_asked("SetChargingProfile", holding="TxProfile"),
        say("StopTransaction", **stop, timestamp=(begun + timedelta(minutes=15)).isoformat()),
        status("Available"),
    ]


def script_of_201(token: str, begun: datetime) -> list[Step]:
    def status(word: str) -> Step:
        return say("StatusNotification", evseId=1, connectorId=1, connectorStatus=word, timestamp=_now())

    def event(kind: str, at: datetime, number: int, value: int, **rest: Any) -> Step:
        register = {"value": value, "measurand": "Energy.Active.Import.Register", "unitOfMeasure": {"unit": "Wh"}}
        values = [
            {"timestamp": at.isoformat(), "sampledValue": [{**register, "context": f"Transaction.{rest.pop('is_')}"}]}
        ]
        info = {"transactionId": "0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9", "chargingState": "Charging"}
        facts = {"eventType": kind, "timestamp": at.isoformat(), "triggerReason": "Authorized", "seqNo": number}
        return say("TransactionEvent", **facts, transactionInfo=info, meterValue=values, **rest)

    card = {"idToken": token, "type": "ISO14443"}
    place = {"evse": {"id": 1, "connectorId": 1}, "reservationId": "$reservationId"}
    return [
        say("BootNotification", reason="PowerUp", chargingStation={"vendorName": "Elsewhere", "model": "Model 201"}),
        status("Available"),
        until_asked("ReserveNow"),
        status("Reserved"),
        until_asked("CancelReservation"),
        status("Available"),
        until_asked("ReserveNow", times=2),
        status("Reserved"),
        say("Authorize", idToken=card),
        event("Started", begun, 0, 1_000, is_="Begin", idToken=card, **place),
        until_asked("SetChargingProfile", holding="TxProfile"),
        event("Ended", begun + timedelta(minutes=15), 1, 2_000, is_="End", idToken=card),
        status("Available"),
    ]


def _now() -> str:
    return timezone.now().isoformat()


def reserve(token: IdToken) -> Reservation:
    evse, now = Evse.objects.get(), timezone.now()
    until_ = now + timedelta(minutes=30)
    return reservations.reserve(evse=evse, driver=token.driver, id_token=token, until=until_, now=now)


@pytest.mark.parametrize(("protocol", "script"), [("ocpp1.6", script_of_16), ("ocpp2.0.1", script_of_201)])
def test_a_foreign_charger_keeps_a_reservation_and_takes_a_plan(
    protocol: str, script: Any, charge_point: ChargePoint, token: IdToken, live_stack: Stack
) -> None:
    begun = timezone.now().replace(microsecond=0) + timedelta(minutes=10)
    Connector.objects.update(status=Connector.Status.UNKNOWN, status_at=None)
    process = put_on(live_stack, charge_point, protocol, script=script(token.token, begun))
    until(lambda: Connector.objects.get().status == "available", "it is there")
    given_back = reserve(token)
    until(lambda: Reservation.objects.get().charger_answer == "Accepted", "the charger holds it")
    until(lambda: Connector.objects.get().status == "reserved", "and says so")
    assert reservations.cancel(reservation=given_back, now=timezone.now(), reason="another plan")
    until(lambda: Connector.objects.get().status == "available", "the charger has given it free")
    kept = reserve(token)
    until(lambda: Transaction.objects.filter(state="active").exists(), "the holder charges")
    told = what_it_heard(process, live_stack)

    assert told["problems"] == []
    row = Transaction.objects.get()
    assert (row.state, row.energy_wh, row.reservation_id, row.flaw) == (Transaction.State.ENDED, 1_000, kept.pk, "")
    assert [one.status for one in Reservation.objects.order_by("pk")] == ["cancelled", "done"]
    told_plan = next(one for name, one in told["asked"] if name == "SetChargingProfile" and "TxProfile" in str(one))
    # By its command: the profile itself is over with the session, which may end before the answer is stored.
    accepted = ChargingProfile.objects.filter(transaction=row, command__status="accepted")
    until(accepted.exists, "the charger's answer is stored")
    kept_plan = accepted.earliest("pk")
    assert _limits(told_plan) == [(start_s, pytest.approx(limit_w)) for start_s, limit_w, *_ in kept_plan.periods]


def _limits(payload: Any) -> list[tuple[int, float]]:
    profile = payload.get("csChargingProfiles") or payload["chargingProfile"]
    schedule = profile["chargingSchedule"]
    schedule = schedule[0] if isinstance(schedule, list) else schedule
    return [(one["startPeriod"], one["limit"]) for one in schedule["chargingSchedulePeriod"]]


def test_a_foreign_charger_with_the_wrong_secret_is_turned_away(
    charge_point: ChargePoint, token: IdToken, live_stack: Stack
) -> None:
    ChargePoint.objects.update(secret_hash="sha256$0")
    with pytest.raises(AssertionError, match="401"):
        charge_elsewhere(live_stack, charge_point, token.token, "ocpp1.6", [])
    assert not Transaction.objects.exists()
