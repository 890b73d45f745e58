"""Checking a file that was handed on."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from gridops.services.ledger import sealing


@pytest.fixture
def handed_on(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.csv"
    path.write_bytes(sealing.sealed_lines("slot,measured_w\r\n1,5000\r\n").encode())
    return path


def test_a_file_as_written_is_told_so(handed_on: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_ledger", handed_on)

    assert "As it was written" in capsys.readouterr().out


def test_a_changed_file_fails(handed_on: Path) -> None:
    handed_on.write_bytes(handed_on.read_bytes().replace(b"5000", b"4000"))
    with pytest.raises(CommandError, match="Changed"):
        call_command("check_ledger", handed_on)


def test_a_file_of_another_server_fails(handed_on: Path) -> None:
    handed_on.write_bytes(handed_on.read_bytes().rstrip()[:-3] + b"abc\r\n")
    with pytest.raises(CommandError, match="this server did not write"):
        call_command("check_ledger", handed_on)


def test_what_is_not_there_or_no_ledger_is_told(handed_on: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("check_ledger", tmp_path / "nothing.csv")
    handed_on.write_text("hello\n")
    with pytest.raises(CommandError, match="no exported ledger"):
        call_command("check_ledger", handed_on)
