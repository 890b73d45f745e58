"""The collector writes down what a run showed."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conformance.catalogue import TESTS

CASES = """
import pytest

@pytest.mark.conformance("TC_001", "TC_003")
@pytest.mark.parametrize("value", [1, 2])
def test_fine(value):
    assert value

@pytest.mark.conformance("TC_003")
def test_wrong():
    assert False

@pytest.fixture
def broken():
    raise OSError

@pytest.mark.conformance("TC_013")
def test_without_a_start(broken):
    pass
"""


def run(folder: Path, source: str, *options: str) -> "subprocess.CompletedProcess[str]":
    (folder / "test_cases.py").write_text(source)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    conformance: a case\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conformance.collector", "-p", "no:django", *options]
    environment = {"CONFORMANCE_RESULTS": str(folder / "results.json"), "PYTHONPATH": str(TESTS.parent)}
    return subprocess.run(command, cwd=folder, env=os.environ | environment, capture_output=True, text=True)


def test_a_case_has_passed_when_all_its_tests_have(tmp_path: Path) -> None:
    run(tmp_path, CASES)
    assert json.loads((tmp_path / "results.json").read_text()) == {
        "TC_001": {"passed": True, "tests": ["test_cases.py::test_fine"]},
        "TC_003": {"passed": False, "tests": ["test_cases.py::test_fine", "test_cases.py::test_wrong"]},
        "TC_013": {"passed": False, "tests": ["test_cases.py::test_without_a_start"]},
    }


def test_a_case_is_run_by_its_name(tmp_path: Path) -> None:
    run(tmp_path, CASES, "-k", "TC_001")
    assert set(json.loads((tmp_path / "results.json").read_text())) == {"TC_001", "TC_003"}
    run(tmp_path, CASES, "-k", "TC_013")
    assert set(json.loads((tmp_path / "results.json").read_text())) == {"TC_013"}


def test_a_case_that_the_list_has_not_stops_the_run(tmp_path: Path) -> None:
    source = 'import pytest\n@pytest.mark.conformance("TC_999")\ndef test_one():\n    pass\n'
    assert "names cases that the list has not: ['TC_999']" in run(tmp_path, source).stderr
