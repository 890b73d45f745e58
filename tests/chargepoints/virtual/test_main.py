"""The command line: what it asks for is what runs, until it is told to stop."""

import asyncio
from pathlib import Path

import pytest

from chargepoints.virtual import EvseSpec
from chargepoints.virtual.__main__ import PASSWORD_VARIABLE, parser, run, specs_of

from .central import Central


def test_a_charger_is_described_on_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "from-the-environment")
    arguments = parser().parse_args(["--identity", "X", "--version", "2.0.1", "--evses", "2", "--dc", "--knows-soc"])
    (spec,) = specs_of(arguments)
    assert (spec.identity, spec.version, spec.password) == ("X", "2.0.1", "from-the-environment")
    assert spec.evses == tuple(EvseSpec(number, ("cCCS2",), dc=True, knows_soc=True) for number in (1, 2))


def test_many_alike_are_numbered() -> None:
    specs = specs_of(parser().parse_args(["--identity", "LOAD-", "--count", "3", "--password", "secret"]))
    assert [spec.identity for spec in specs] == ["LOAD-1", "LOAD-2", "LOAD-3"]


def test_a_file_stands_over_the_identity(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    path.write_text('[{"identity": "A"}]')
    assert [spec.identity for spec in specs_of(parser().parse_args(["--fleet", str(path)]))] == ["A"]


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_it_connects_plugs_in_and_leaves(central: Central, version: str) -> None:
    arguments = parser().parse_args(["--url", central.url, "--identity", "X", "--version", version, "--token", "04A1"])
    stop = asyncio.Event()
    running = asyncio.create_task(run(arguments, stop))
    await central.wait_for(lambda: central.payloads("StartTransaction") or central.payloads("TransactionEvent"))
    stop.set()
    await running
    assert central.calls[0].path == "/ocpp/X"
