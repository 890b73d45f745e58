"""Row ocpp-storm: thousands of chargers on two server processes, both of which die at once."""

import contextlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from tests import servers as machines
from tests.load.ocpp_bench import load, processes, servers, world
from tests.load.ocpp_bench.servers import Server
from tests.load.ocpp_bench.stage import Stage
from tests.load.ocpp_bench.tell import tell_fact

PROCESSES = 2
# They meet each server first, so that what it loads once is not counted as a connection's.
_WARM_UP = 10
_QUIET_S = 5.0
Start = Callable[[int], AbstractContextManager[Server]]


def storm(stage: Stage, *, version: str, count: int, period_s: float) -> None:
    """Memory a connection, seconds until all are back, and whether anything was lost."""
    stage.empty()
    world.register(count + PROCESSES * _WARM_UP)
    with stage.background():
        ours = _weathered(stage.web, version=version, count=count, period_s=period_s)
    baseline = _weathered(servers.bare, version=version, count=count, period_s=period_s)
    bench = f"ocpp-storm-{version}"
    memory, usual = ours["memory_kib"], baseline["memory_kib"]
    tell_fact(bench, count, "memory a connection", memory, "KiB", baseline=usual, processes=PROCESSES)
    for name in ("there", "back"):
        mine, its = ours[name], baseline[name]
        tell_fact(bench, count, f"until all are {name}", mine["seconds"], "s", baseline=its["seconds"])
        tell_fact(bench, count, f"never {name}", count - mine["settled"], "chargers", 0)
    facts = sum(len(moments) for moments in ours["told"].values())
    story = {"facts": facts, "calls": ours["calls"], "told_again": ours["again"], "problems": ours["problems"]}
    # What was answered and is not stored once, and what could not be told at all.
    tell_fact(bench, count, "lost", world.lost(ours["told"]) + ours["untold"], "messages", 0, **story)


def _weathered(start: Start, *, version: str, count: int, period_s: float) -> dict[str, Any]:
    ports = [machines.free_port() for _ in range(PROCESSES)]
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(start(port)) for port in ports]
        for place, server in enumerate(running):
            first = count + place * _WARM_UP
            load.run(server, version=version, story="session", first=first, count=_WARM_UP, rate=100)
        empty_kib = _memory_kib(running)
        urls = [server.url for server in running]
        district = load.Generator("district", urls=urls, version=version, count=count, period_s=period_s)
        stack.callback(district.end)
        there = district.hear()
        time.sleep(_QUIET_S)
        memory_kib = (_memory_kib(running) - empty_kib) / count
        district.tell("watch")
        district.hear()
        _kill(running)
        for port in ports:
            stack.enter_context(start(port))
        back = district.hear()
        time.sleep(_QUIET_S)
        district.tell("end")
        return district.hear() | {"memory_kib": memory_kib, "there": there, "back": back}


def _kill(running: list[Server]) -> None:
    for server in running:
        server.process.kill()
    for server in running:
        server.process.wait()


def _memory_kib(running: list[Server]) -> int:
    return sum(processes.memory_kib(server.pid) for server in running)
