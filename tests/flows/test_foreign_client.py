"""A charger that is not ours (npm `ocpp-rpc`, strict mode) charges a car at the running system."""

import json
import subprocess
from datetime import UTC, datetime
from typing import Any

import pytest
from django.utils import timezone

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, Command, CompositeSchedule, IdToken, MeterValue, Transaction
from chargepoints.services import commands
from tests.flows.conftest import SECRET
from tests.flows.support import until
from tests.servers import ROOT, Stack, program

WITHIN_S = 60
WISHES = [
    intents.GetCompositeSchedule(evse_number=1, duration_s=900),
    intents.ChangeAvailability(operative=False, evse_number=1),
    intents.Unlock(evse_number=1),
    intents.Reset(),
]


def charge_elsewhere(stack: Stack, charge_point: ChargePoint, token: str, protocol: str, await_: list[str]) -> Any:
    options = {
        "endpoint": stack.ocpp_url,
        "identity": charge_point.identity,
        "password": SECRET,
        "protocol": protocol,
        "token": token,
        "await": await_,
    }
    command = [program("node"), "charger.js", json.dumps(options)]
    done = subprocess.run(command, cwd=ROOT / "tests" / "ocpp_rpc", capture_output=True, text=True, timeout=WITHIN_S)
    assert done.returncode == 0, done.stderr + stack.log.read_text()
    return json.loads(done.stdout)


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


def test_a_foreign_charger_with_the_wrong_secret_is_turned_away(
    charge_point: ChargePoint, token: IdToken, live_stack: Stack
) -> None:
    ChargePoint.objects.update(secret_hash="sha256$0")
    with pytest.raises(AssertionError, match="401"):
        charge_elsewhere(live_stack, charge_point, token.token, "ocpp1.6", [])
    assert not Transaction.objects.exists()
