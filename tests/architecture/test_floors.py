"""The floors of the house: a contract that is broken on purpose has to be noticed, or keeping it proves nothing."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers import ROOT

PACKAGES = ["twinev", "chargepoints", "smac", "drivers", "gridops", "dashboard"]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("*.html", "static", "locale"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_house_keeps_its_floors() -> None:
    answer = lint(ROOT)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize(
    ("module", "forbidden"),
    [
        ("chargepoints/events.py", "import smac"),
        ("smac/events.py", "import gridops"),
        ("drivers/apps.py", "import dashboard"),
        ("dashboard/apps.py", "import twinev"),
        ("chargepoints/domain/status.py", "import django"),
        ("smac/optimisation/problem.py", "import celery"),
        ("chargepoints/models/operator.py", "import chargepoints.services"),
        ("chargepoints/ocpp/v16/__init__.py", "import chargepoints.ocpp.v201"),
    ],
)
def test_an_import_that_goes_up_or_out_is_noticed(copy: Path, module: str, forbidden: str) -> None:
    path = copy / module
    path.write_text(path.read_text() + f"\n{forbidden}\n")
    answer = lint(copy)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    assert "BROKEN" in answer.stdout
