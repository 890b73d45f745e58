"""Every case of the list is tested, or listed with its reason; the page tells all of them as they are."""

from pathlib import Path

import pytest

from tests.conformance import page
from tests.conformance.catalogue import TESTS, cases, marked, not_applicable

REASONS = {"TC_087": "no client certificates"}


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_every_case_is_tested_or_listed_with_its_reason(version: str) -> None:
    covered = set(marked()) | set(not_applicable())
    assert {case.id for case in cases().values() if case.version == version} - covered == set()


def test_no_case_is_both_tested_and_said_not_to_apply() -> None:
    assert set(marked()) & set(not_applicable()) == set()
    assert set(marked()) | set(not_applicable()) <= set(cases())
    assert all(not_applicable().values())


def test_the_list_has_all_cases_of_1_6_and_those_of_2_0_1() -> None:
    versions = [case.version for case in cases().values()]
    assert (versions.count("1.6"), versions.count("2.0.1")) == (77, 194)


def test_the_page_tells_every_case_of_the_list_and_no_other() -> None:
    told = page.read()
    assert {case_id: row[0] for case_id, row in told.items()} == {case.id: case.name for case in cases().values()}


def test_the_page_is_not_older_than_the_tests() -> None:
    told, tested = page.read(), marked()
    for case_id, reason in not_applicable().items():
        assert told[case_id][1:] == (page.NOT_APPLICABLE, reason)
    for case_id, files in tested.items():
        result, proof = told[case_id][1:]
        assert result == page.PASSED
        assert {name.split("::")[0] for name in proof.strip("`").split("`<br>`")} == {
            Path(name).relative_to(TESTS.name).as_posix() for name in files
        }


def test_a_page_tells_results_tests_and_reasons(tmp_path: Path) -> None:
    results = {
        "TC_001": {"passed": True, "tests": ["tests/conformance/v16/test_core.py::test_boot"]},
        "TC_003": {"passed": False, "tests": ["tests/a.py::test_b", "tests/a.py::test_c"]},
    }
    path = tmp_path / "page.md"
    path.write_text(page.rendered(results, REASONS))
    told = page.read(path)
    assert told["TC_001"] == ("Cold Boot Charging Station", "passed", "`conformance/v16/test_core.py::test_boot`")
    assert told["TC_003"][1:] == ("FAILED", "`a.py::test_b`<br>`a.py::test_c`")
    assert told["TC_087"][1:] == ("not applicable", "no client certificates")
    assert told["TC_013"][1:] == ("MISSING", "")
    assert "| 1.6 | 77 | 1 | 1 | 75 |" in path.read_text()
