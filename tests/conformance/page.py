"""docs/conformance.md: what a run of the conformance cases showed."""

import re
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from tests.conformance.catalogue import TESTS, Case, cases

PATH = TESTS.parent / "docs" / "conformance.md"
PASSED, FAILED, MISSING, NOT_APPLICABLE = "passed", "FAILED", "MISSING", "not applicable"
_HEAD = """\
# Conformance

The cases of the Open Charge Alliance's test tool for a central system, and the tests here that are marked with them.
Each test drives the real websocket with frames as a charger sends them, and asserts the rows (transaction, reservation,
command, configuration, ...) as well as the answers. `pytest -k TC_003` runs a case by its name. Made by
`make conformance` from a run of the tests; not edited by hand.
"""
_ROW = re.compile(r"^\| (TC_\w+) \| (.*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)


def rendered(results: Mapping[str, Mapping[str, Any]], reasons: Mapping[str, str]) -> str:
    """The page. ``results`` as the collector writes them; ``reasons`` why cases do not apply."""
    parts = [_HEAD, _summary(results, reasons)]
    for (version, block), group in groupby(cases().values(), key=lambda case: (case.version, case.block)):
        parts += [f"## {version}: {block}\n", _table(group, results, reasons)]
    return "\n".join(parts)


def _summary(results: Mapping[str, Mapping[str, Any]], reasons: Mapping[str, str]) -> str:
    lines = ["| version | cases | passed | not applicable | failed or missing |", "| --- | --- | --- | --- | --- |"]
    for version, group in groupby(cases().values(), key=lambda case: case.version):
        said = [_result(case, results, reasons) for case in group]
        bad = said.count(FAILED) + said.count(MISSING)
        lines.append(f"| {version} | {len(said)} | {said.count(PASSED)} | {said.count(NOT_APPLICABLE)} | {bad} |")
    return "\n".join(lines) + "\n"


def _table(group: Iterable[Case], results: Mapping[str, Mapping[str, Any]], reasons: Mapping[str, str]) -> str:
    lines = ["| case | name | result | test, or reason |", "| --- | --- | --- | --- |"]
    for case in group:
        proof = _tests(results[case.id]) if case.id in results else reasons.get(case.id, "")
        lines.append(f"| {case.id} | {case.name} | {_result(case, results, reasons)} | {proof} |")
    return "\n".join(lines) + "\n"


def _result(case: Case, results: Mapping[str, Mapping[str, Any]], reasons: Mapping[str, str]) -> str:
    if case.id in results:
        return PASSED if results[case.id]["passed"] else FAILED
    return NOT_APPLICABLE if case.id in reasons else MISSING


def _tests(result: Mapping[str, Any]) -> str:
    return "<br>".join(f"`{name.removeprefix('tests/')}`" for name in result["tests"])


def read(path: Path = PATH) -> dict[str, tuple[str, str, str]]:
    """(name, result, test or reason) of each case on the page, by id."""
    return {row[0]: (row[1], row[2], row[3]) for row in _ROW.findall(path.read_text(encoding="utf-8"))}
