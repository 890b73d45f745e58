"""The list of conformance cases, and where each is tested."""

import ast
import importlib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
LIST = Path(__file__).with_name("cases.txt")
_FOLDERS = {"1.6": "v16", "2.0.1": "v201"}


@dataclass(frozen=True)
class Case:
    id: str
    name: str
    version: str
    block: str


@cache
def cases() -> dict[str, Case]:
    """All cases by id, in the order of the list. No id is used twice, whatever the version."""
    found: dict[str, Case] = {}
    version = block = ""
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            version, block = line[3:].split(" ", 1)
        elif line.startswith("TC_"):
            case_id, name = line.split(" | ", 1)
            found[case_id] = Case(case_id, name, version, block)
    return found


def not_applicable() -> dict[str, str]:
    """Why cases do not apply, by id."""
    reasons: dict[str, str] = {}
    for folder in _FOLDERS.values():
        reasons |= importlib.import_module(f"tests.conformance.{folder}.not_applicable").NOT_APPLICABLE
    return reasons


def of_block(version: str, block: str) -> list[str]:
    """The ids of a block whose name begins so."""
    return [case.id for case in cases().values() if case.version == version and case.block.startswith(block)]


def marked(folder: Path = TESTS) -> dict[str, list[str]]:
    """The files that have a test marked with a case, by id; read from the source, without running anything."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.conformance" in text:
            for case_id in _marks(text):
                found[case_id].append(path.relative_to(TESTS.parent).as_posix())
    return dict(found)


def _marks(source: str) -> set[str]:
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    named = (call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "conformance")
    return {arg.value for call in named for arg in call.args if isinstance(arg, ast.Constant)}
