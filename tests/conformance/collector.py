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
_PROPERTY = "conformance"


def pytest_configure(config: pytest.Config) -> None:
    """Where tests run in several processes, the one that hears of all of them writes."""
    path = os.environ.get(VARIABLE)
    if path and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Collector(Path(path)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.extra_keyword_matches.update(case_ids(item))  # `pytest -k TC_003` runs the case
        if unknown := set(case_ids(item)) - set(cases()):
            raise pytest.UsageError(f"{item.nodeid} names cases that the list has not: {sorted(unknown)}")


def case_ids(item: pytest.Item) -> list[str]:
    return [case_id for mark in item.iter_markers("conformance") for case_id in mark.args]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    outcome: Any = yield
    if ids := case_ids(item):
        outcome.get_result().user_properties.append((_PROPERTY, ids))


class Collector:
    """Hears the reports of all tests and writes down those of cases."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._results: dict[str, dict[str, Any]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.passed:
            return
        name = report.nodeid.split("[")[0]
        for case_id in dict(report.user_properties).get(_PROPERTY, []):
            kept = self._results.setdefault(case_id, {"passed": True, "tests": []})
            kept["passed"] &= report.passed
            kept["tests"] = sorted({*kept["tests"], name})

    def pytest_sessionfinish(self) -> None:
        self._path.write_text(json.dumps(self._results, indent=1, sort_keys=True), encoding="utf-8")
