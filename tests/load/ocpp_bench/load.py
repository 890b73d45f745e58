"""Starts generators, waits for them, adds up what they tell."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from tests.load.ocpp_bench import processes
from tests.load.ocpp_bench.servers import ROOT, Server

# The journal writes frames up to a second late: that is part of the cost.
SETTLES_IN_S = 2.5


@dataclass(frozen=True)
class Measured:
    """What a server did under a load."""

    answer: dict[str, Any]
    cpu_s: float

    @property
    def cpu_us_per_message(self) -> float:
        return 1e6 * self.cpu_s / max(1, self.answer["messages"])


class GeneratorFailed(RuntimeError):
    pass


class NotAllAnswered(RuntimeError):
    pass


class Generator:
    """A generator process; see generator.py for its specification."""

    def __init__(self, scenario: str, **specification: Any) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"tests.load.ocpp_bench.{scenario}"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.pid = self._process.pid
        self.tell(json.dumps(specification))

    def hear(self) -> dict[str, Any]:
        """The next line that it says."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise GeneratorFailed(f"a generator ended with exit code {self._process.wait()}")
        return dict(json.loads(line))

    def go(self) -> None:
        self.tell("go")

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


def run(server: Server, **specification: Any) -> Measured:
    """A generator's whole run against a server, from the moment when all are connected."""
    generator = Generator("generator", url=server.url, **specification)
    try:
        generator.hear()
        before = processes.cpu_s(server.pid)
        generator.go()
        answer = generator.hear()
        time.sleep(SETTLES_IN_S)
        return Measured(answer, processes.cpu_s(server.pid) - before)
    finally:
        generator.end()


def answered(name: str, measured: Measured) -> Measured:
    """:raises NotAllAnswered: when messages were lost or refused; then there is no figure."""
    if measured.answer["lost"] or measured.answer["problems"]:
        raise NotAllAnswered(f"{name}: {measured.answer}")
    return measured
