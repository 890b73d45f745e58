"""Runs the conformance cases and writes docs/conformance.md from what they showed. Called by `make conformance`.

    conformance.py                    run them on a PostgreSQL and a Redis of their own, then write the page
    conformance.py RESULTS.json       write the page from a run that was made with CONFORMANCE_RESULTS=RESULTS.json

Exit code 1 when a case has failed or is missing.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.run_tests import AT_ONCE  # noqa: E402
from tests.conformance import page  # noqa: E402
from tests.conformance.catalogue import not_applicable  # noqa: E402
from tests.conformance.collector import VARIABLE  # noqa: E402
from tests.servers import postgres, redis  # noqa: E402


def run(results: Path) -> None:
    """Every test that is marked with a case, wherever it lies."""
    with postgres() as database_url, contextlib.ExitStack() as stack:
        redis_urls = [stack.enter_context(redis()) for _ in range(AT_ONCE)]
        environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_urls[0], "REDIS_URLS": " ".join(redis_urls)}
        command = [sys.executable, "-m", "pytest", "-q", "-m", "conformance", "--ignore=tests/browser"]
        command += ["--numprocesses", str(AT_ONCE), "--dist", "worksteal"]
        subprocess.run(command, cwd=ROOT, env=os.environ | environment | {VARIABLE: str(results)}, check=False)


def write(results: Path) -> int:
    text = page.rendered(json.loads(results.read_text(encoding="utf-8")), not_applicable())
    page.PATH.write_text(text, encoding="utf-8")
    bad = [case_id for case_id, row in page.read().items() if row[1] in (page.FAILED, page.MISSING)]
    print(f"{page.PATH.relative_to(ROOT)} written; failed or missing: {', '.join(bad) or 'none'}")
    return 1 if bad else 0


def main(arguments: list[str]) -> int:
    if arguments:
        return write(Path(arguments[0]))
    with tempfile.TemporaryDirectory(prefix="twinev-conformance-") as folder:
        results = Path(folder) / "results.json"
        run(results)
        return write(results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
