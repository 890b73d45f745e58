"""Chargers that are not ours, as their authors made them: `test-ocpp` (PyPI) and `ocpp-ws-cli` (npm)."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from django.utils import timezone

from chargepoints.domain import intents
from chargepoints.models import ChargePoint, Command, Connector, MeterValue, RefusedCharger, Transaction
from chargepoints.services import commands, remote_control
from tests import factories
from tests.factories import SECRET
from tests.flows.support import charge_point, until
from tests.servers import ROOT, Stack, end, program

WITHIN_S = 60


@pytest.fixture
def station(transactional_db: None) -> ChargePoint:
    return charge_point(identity="CP-7")


# --- test-ocpp: connects, boots, sends a heartbeat, and tells by its exit status how it went --------------------------


def visit(
    stack: Stack, *options: str, identity: str = "CP-7", password: str = SECRET
) -> subprocess.CompletedProcess[str]:
    tester = shutil.which("test-ocpp", path=str(Path(sys.executable).parent))
    assert tester, "test-ocpp is not installed: run `make test`, which installs what it needs"
    command = [tester, stack.ocpp_url, identity, "--timeout", "20", *options]
    command += ["--password", password] if password else []
    return subprocess.run(command, capture_output=True, text=True, timeout=WITHIN_S)


@pytest.mark.parametrize("slash", [(), ("--trailing-slash",)])
@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_foreign_tester_is_content(
    version: str, slash: tuple[str, ...], station: ChargePoint, live_stack: Stack
) -> None:
    done = visit(live_stack, "--ocpp", version, "--vendor", "Elsewhere", *slash)
    assert done.returncode == 0, done.stdout + done.stderr
    station.refresh_from_db()
    assert (station.vendor, station.ocpp_version) == ("Elsewhere", version)
    assert station.booted_at is not None


def test_a_foreign_tester_is_told_what_is_wrong(station: ChargePoint, live_stack: Stack) -> None:
    for status, options, identity, password in (
        ("401", [], "CP-7", "wrong"),
        ("401", [], "CP-7", ""),
        ("401", ["--username", "CP-8"], "CP-7", SECRET),
        ("404", [], "CP-8", SECRET),
    ):
        done = visit(live_stack, *options, identity=identity, password=password)
        assert done.returncode == 1
        assert status in done.stdout + done.stderr
    station.refresh_from_db()
    assert (station.booted_at, station.connected_at) == (None, None)
    assert {(row.identity, row.reason) for row in RefusedCharger.objects.all()} == {
        ("CP-7", "wrong_secret"),
        ("CP-8", "unknown"),
    }
    ChargePoint.objects.update(security_profile=0)
    assert visit(live_stack, password="").returncode == 0


# --- ocpp-ws-cli: a whole charger with its own states, that does what we tell it --------------------------------------


@contextmanager
def simulator(stack: Stack) -> Iterator[subprocess.Popen[bytes]]:
    """The simulator, waiting for commands and keys. It has no option for a password, but its address takes one."""
    login = f"CP-7:{quote(SECRET)}@"
    endpoint = stack.ocpp_url.replace("ws://", f"ws://{login}")
    script = ROOT / "tests" / "ocpp_ws_cli" / "node_modules" / "ocpp-ws-cli" / "dist" / "index.js"
    command = [program("node"), script, "simulate", "-e", endpoint, "-i", "CP-7", "-t", "CARD-7", "-p", "ocpp1.6"]
    command += ["--report", "json", "--report-dir", stack.folder]  # else it asks
    log = (stack.folder / "simulator.log").open("wb")
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)
    try:
        yield process
    finally:
        end(process)
        log.close()


def test_a_whole_foreign_charger_charges_as_it_is_told(station: ChargePoint, live_stack: Stack) -> None:
    card = factories.id_token(token="CARD-7")
    evse, now = station.evses.get(), timezone.now()
    Connector.objects.update(status=Connector.Status.UNKNOWN, status_at=None)
    with simulator(live_stack) as process:
        until(lambda: _settled("set_charging_profile"), "it has the safe default limit")

        remote_control.start(evse=evse, id_token=card, requested_by=None, now=now)
        until(lambda: Connector.objects.get().status == "charging", "it charges")
        running = Transaction.objects.get()
        remote_control.trigger(charge_point=station, message="MeterValues", evse_number=1, now=now)
        values = MeterValue.objects.filter(transaction=running, measurand="Power.Active.Import")
        until(values.exists, "it tells what it measures")
        remote_control.stop(transaction_row=running, requested_by=None, now=timezone.now())
        until(lambda: Transaction.objects.filter(state=Transaction.State.ENDED).exists(), "it has stopped")
        until(lambda: Connector.objects.get().status == "available", "the car is gone")

        commands.enqueue(charge_point=station, intent=intents.ChangeAvailability(operative=False, evse_number=1))
        until(lambda: Connector.objects.get().status == "unavailable", "it is out of service")
        booted_at = ChargePoint.objects.get().booted_at
        commands.enqueue(charge_point=station, intent=intents.Reset())
        until(lambda: ChargePoint.objects.get().booted_at != booted_at, "it has restarted")
        assert process.poll() is None
    running.refresh_from_db()
    assert (running.id_token, running.flaw) == (card, "")
    assert None not in (running.energy_wh, running.meter_stop_wh, running.meter_start_wh)
    assert running.energy_wh == running.meter_stop_wh - running.meter_start_wh >= 14
    told = list(Command.objects.exclude(kind="get_composite_schedule").values_list("kind", "status"))
    # Its second boot may bring the safe limit anew before the last one was sent; all else is sent and accepted.
    limits = {status for kind, status in told if kind == "set_charging_profile"}
    assert limits in ({"accepted"}, {"accepted", "superseded"}), told
    assert {status for kind, status in told if kind != "set_charging_profile"} == {"accepted"}, told
    until(lambda: not ChargePoint.objects.get().is_connected, "it is gone")


def _settled(kind: str) -> bool:
    return Command.objects.filter(kind=kind, status="accepted").exists()
