"""A pytest plugin: writes how each conformance case went to the file that CONFORMANCE_RESULTS names, as JSON:
{"TC_001": {"passed": true, "tests": ["tests/…::test_…"]}}. A case has passed when all its tests have."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.catalogue import cases

VARIABLE = "CONFORMANCE_RESULTS"
_results = pytest.StashKey[dict[str, dict[str, Any]]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if unknown := set(case_ids(item)) - set(cases()):
            raise pytest.UsageError(f"{item.nodeid} names cases that the list has not: {sorted(unknown)}")


def case_ids(item: pytest.Item) -> list[str]:
    return [case_id for mark in item.iter_markers("conformance") for case_id in mark.args]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    report: pytest.TestReport = outcome.get_result()
    if report.when != "call" and report.passed:
        return
    results = item.config.stash.setdefault(_results, {})
    for case_id in case_ids(item):
        kept = results.setdefault(case_id, {"passed": True, "tests": []})
        kept["passed"] &= report.passed
        name = item.nodeid.split("[")[0]
        kept["tests"] += [] if name in kept["tests"] else [name]


def pytest_sessionfinish(session: pytest.Session) -> None:
    if path := os.environ.get(VARIABLE):
        results = session.config.stash.get(_results, {})
        Path(path).write_text(json.dumps(results, indent=1, sort_keys=True), encoding="utf-8")
