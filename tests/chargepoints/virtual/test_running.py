"""From the shell: what is asked for runs until its time is over, and the ledger is written."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from chargepoints.virtual.__main__ import parser
from chargepoints.virtual.running import run

from .central import Central


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_it_connects_plugs_in_and_leaves(central: Central, version: str) -> None:
    arguments = parser().parse_args(["--url", central.url, "--identity", "X", "--ocpp", version, "--token", "04A1"])
    stop = asyncio.Event()
    running = asyncio.create_task(run(arguments, stop, print))
    await central.wait_for(lambda: central.payloads("StartTransaction") or central.payloads("TransactionEvent"))
    stop.set()
    await running
    assert central.calls[0].path == "/ocpp/X"


async def test_when_the_time_is_over_all_leave_and_the_ledger_is_written(central: Central, tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    words = ["--url", central.url, "--count", "2", "--identity", "L-", "--ocpp", "mixed", "--token", "04A1"]
    words += ["--speed", "3600", "--for", "1h", "--ledger", str(path)]
    await run(parser().parse_args(words), asyncio.Event(), print)
    told: dict[str, Any] = json.loads(path.read_text())
    assert [line["identity"] for line in told["transactions"]] == ["L-1", "L-2"]
    assert told["waiting"] == told["given_up"] == 0
    for line in told["transactions"]:
        assert line["energy_wh"] > 1_000
        assert line["ended_at"]
    stopped = central.payloads("StopTransaction")[0]["meterStop"]
    assert stopped == told["transactions"][0]["meter_stop_wh"]


def test_the_management_command_says_what_does_not_fit() -> None:
    with pytest.raises(CommandError, match="cards"):
        call_command("simulate", "--visits", "20m")
