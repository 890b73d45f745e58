"""Runs all that has to hold, on servers that it starts and ends itself. Called by `make test` and `make lint`.

    run_tests.py                 everything
    run_tests.py lint            style, types, floors
    run_tests.py postgres        the suite on PostgreSQL and Redis
    run_tests.py sqlite          what depends on the database, on SQLite
    run_tests.py browser         Chromium
    run_tests.py fuzz            a hundred thousand damaged frames (FUZZ_FRAMES, FUZZ_SEED); not part of everything
    run_tests.py faults          everything broken in the middle of two hundred sessions (FAULT_SESSIONS); nor this

A step that fails does not keep the next ones from running; the exit code is 1 when any failed. A skipped test counts as
failed: what was left out proves nothing.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.servers import postgres, redis  # noqa: E402

LINT = {
    "style": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "."],
    "types": ["mypy"],
    "floors": ["lint-imports"],
    "migrations": ["manage.py", "makemigrations", "--check", "--dry-run"],
}


# Tests wait for databases and chargers more often than for a processor; pages are drawn by one.
AT_ONCE = 3
BROWSERS_AT_ONCE = 2


@dataclass
class Outcome:
    name: str
    seconds: float
    failed: bool


class Run:
    """What was done so far, and how it went. What it says goes to ``out``."""

    def __init__(self, out: IO[str] = sys.stdout) -> None:
        self.out = out
        self.outcomes: list[Outcome] = []
        self.passed = self.failed = 0

    def step(self, name: str, command: list[str], **environment: str) -> bool:
        self.say(f"\n=== {name}")
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, env=os.environ | environment, stdout=self.out, stderr=self.out)
        self.outcomes.append(Outcome(name, time.monotonic() - began, failed=done.returncode != 0))
        return done.returncode == 0

    def say(self, text: str) -> None:
        print(text, file=self.out, flush=True)

    def pytest(self, name: str, *arguments: str, **environment: str) -> None:
        with tempfile.TemporaryDirectory(prefix="twinev-report-") as folder:
            report = Path(folder) / "report.xml"
            command = [sys.executable, "-m", "pytest", "--durations=15", f"--junitxml={report}", *arguments]
            self.step(name, command, **environment)
            self._count(report)

    def _count(self, report: Path) -> None:
        if not report.exists():
            self.failed += 1
            return
        suites = list(ElementTree.parse(report).getroot().iter("testsuite"))
        figures = {
            key: sum(int(suite.get(key, 0)) for suite in suites) for key in ("tests", "failures", "errors", "skipped")
        }
        bad = figures["failures"] + figures["errors"] + figures["skipped"]
        self.passed += figures["tests"] - bad
        self.failed += bad
        if figures["skipped"]:
            self.say(f"{figures['skipped']} skipped: that counts as failed, for what was left out proves nothing.")
            self.outcomes[-1].failed = True

    def beside(self, *works: Callable[["Run"], None]) -> None:
        """Each in a process of its own at the same time; what they say comes one after the other."""
        with contextlib.ExitStack() as stack:
            runs = [Run(stack.enter_context(tempfile.TemporaryFile("w+", errors="replace"))) for _ in works]
            with ThreadPoolExecutor(len(works)) as threads:
                list(threads.map(lambda work, run: work(run), works, runs))
            for run in runs:
                run.out.seek(0)
                shutil.copyfileobj(run.out, self.out)
                self.outcomes += run.outcomes
                self.passed, self.failed = self.passed + run.passed, self.failed + run.failed

    def summary(self) -> int:
        print("\n=== summary")
        for outcome in self.outcomes:
            print(f"{'FAILED' if outcome.failed else 'ok':<7} {outcome.seconds:6.1f} s  {outcome.name}")
        if self.passed or self.failed:
            print(f"{self.passed} passed, {self.failed} failed")
        return 1 if any(outcome.failed for outcome in self.outcomes) else 0


def lint(run: Run) -> None:
    for name, (tool, *arguments) in LINT.items():
        own = tool == "manage.py"
        program = [sys.executable, tool] if own else [str(Path(sys.executable).with_name(tool))]
        run.step(name, [*program, *arguments], DJANGO_SETTINGS_MODULE="tests.settings")


def on_postgres(run: Run) -> None:
    _side_by_side(run, AT_ONCE, "tests on PostgreSQL and Redis", "-m", "not browser", "--ignore=tests/browser")


def on_sqlite(run: Run) -> None:
    run.pytest(
        "tests of the database on SQLite", "-m", "database", "--ignore=tests/browser", DATABASE_URL="", REDIS_URL=""
    )


def in_browser(run: Run) -> None:
    _side_by_side(run, BROWSERS_AT_ONCE, "tests in Chromium", "tests/browser")


def _side_by_side(run: Run, at_once: int, name: str, *arguments: str) -> None:
    """In several processes, each with a database and a Redis of its own."""
    with postgres() as database_url, contextlib.ExitStack() as stack:
        redis_urls = " ".join(stack.enter_context(redis()) for _ in range(at_once))
        run.pytest(
            name, *arguments, "--numprocesses", str(at_once), "--dist", "worksteal",
            DATABASE_URL=database_url, TEST_TEMPLATE=_template(run, database_url),
            REDIS_URLS=redis_urls, REDIS_URL=redis_urls.split()[0],
        )  # fmt: skip


def _template(run: Run, database_url: str) -> str:
    """The database that each process copies, with all tables; none on a server that is not ours."""
    if "TEST_DATABASE_URL" in os.environ:
        return ""
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    made = run.step("tables to copy", migrate, DATABASE_URL=database_url, DJANGO_SETTINGS_MODULE="tests.settings")
    return urlsplit(database_url).path.strip("/") if made else ""


def damaged_frames(run: Run) -> None:
    frames = os.environ.get("FUZZ_FRAMES", "100000")
    with postgres() as database_url, redis() as redis_url:
        run.pytest(
            f"{frames} damaged frames", "tests/fuzz", DATABASE_URL=database_url, REDIS_URL=redis_url, FUZZ_FRAMES=frames
        )


def faults(run: Run) -> None:
    sessions = os.environ.get("FAULT_SESSIONS", "200")
    run.pytest(
        f"faults in the middle of {sessions} sessions", "tests/flows/test_faults.py",
        DATABASE_URL="", REDIS_URL="", FAULT_SESSIONS=sessions,
    )  # fmt: skip


PARTS: dict[str, Callable[[Run], None]] = {
    "lint": lint,
    "sqlite": on_sqlite,
    "postgres": on_postgres,
    "browser": in_browser,
}
# Either takes one processor.
_SIDE_BY_SIDE = ("lint", "sqlite")
# Too long for every run.
EXTRA: dict[str, Callable[[Run], None]] = {"fuzz": damaged_frames, "faults": faults}


def main(wanted: list[str]) -> int:
    unknown = set(wanted) - set(PARTS) - set(EXTRA)
    if unknown:
        print(__doc__)
        return 2
    run = Run()
    with contextlib.suppress(KeyboardInterrupt):
        if not wanted:
            run.beside(*(PARTS[name] for name in _SIDE_BY_SIDE))
        for name in wanted or [name for name in PARTS if name not in _SIDE_BY_SIDE]:
            (PARTS | EXTRA)[name](run)
        return run.summary()
    return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
