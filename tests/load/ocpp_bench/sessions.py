"""Rows ocpp-session-1.6 and -2.0.1: whole sessions, everything stored, beside servers that store nothing."""

from typing import Any

from tests.load.ocpp_bench import load, servers, world
from tests.load.ocpp_bench.load import Measured
from tests.load.ocpp_bench.servers import Server
from tests.load.ocpp_bench.stage import Stage
from tests.load.ocpp_bench.tell import tell

_PERCENTILES = (50, 95, 99)


def measure(stage: Stage, *, version: str, count: int, rate: float) -> None:
    """One version, one number of chargers, three servers, the same load."""
    with servers.bare() as server:
        baseline = _sessions(server, version=version, count=count, rate=rate)
    with servers.rpc() as server:
        node = _sessions(server, version=version, count=count, rate=rate)
    stage.empty()
    world.register(count + _warm_up(count))
    with stage.twinev() as server:
        ours = _sessions(server, version=version, count=count, rate=rate)
    world.check_sessions(count)
    more = {"offered_per_s": rate, "commands": world.commands()}
    _tell(f"ocpp-session-{version}", count, more, ours, baseline, node)


def _sessions(server: Server, *, version: str, count: int, rate: float) -> Measured:
    """A few chargers warm the server up first."""
    story = {"version": version, "story": "session"}
    load.run(server, first=count, count=_warm_up(count), rate=rate / 4, **story)
    return load.answered(server.name, load.run(server, first=0, count=count, rate=rate, **story))


def _warm_up(count: int) -> int:
    return max(5, count // 20)


def _tell(bench: str, count: int, more: dict[str, Any], ours: Measured, baseline: Measured, node: Measured) -> None:
    more |= {
        "messages": ours.answer["messages"],
        "ours_per_s": ours.answer["messages"] / ours.answer["seconds"],
        "baseline_per_s": baseline.answer["messages"] / baseline.answer["seconds"],
    }
    cpu = [one.cpu_us_per_message for one in (ours, baseline, node)]
    tell(bench, count, "cpu per message", cpu[0], cpu[1], 1.0, "us", ocpp_rpc=cpu[2], **more)
    for percent in _PERCENTILES:
        late = [one.answer[f"p{percent}_ms"] for one in (ours, baseline, node)]
        tell(bench, count, f"latency p{percent}", late[0], late[1], 1.0, "ms", ocpp_rpc=late[2])
