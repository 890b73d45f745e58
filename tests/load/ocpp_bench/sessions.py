"""Rows ocpp-session-1.6 and -2.0.1: whole sessions, everything stored, beside servers that store nothing."""

from typing import Any

from tests.load.ocpp_bench import load, servers, world
from tests.load.ocpp_bench.load import Measured
from tests.load.ocpp_bench.stage import Stage
from tests.load.ocpp_bench.tell import tell

_PERCENTILES = (50, 95, 99)


class NotAllAnswered(RuntimeError):
    """Messages were lost or refused: no figure."""


def measure(stage: Stage, *, version: str, count: int, rate: float) -> None:
    """One version, one number of chargers, three servers, the same load."""
    with servers.bare() as server:
        baseline = _answered(server.name, load.sessions(server, version=version, first=0, count=count, rate=rate))
    with servers.rpc() as server:
        node = _answered(server.name, load.sessions(server, version=version, first=0, count=count, rate=rate))
    ours, commands = _ours(stage, version=version, count=count, rate=rate)
    _tell(f"ocpp-session-{version}", count, {"offered_per_s": rate, "commands": commands}, ours, baseline, node)


def _ours(stage: Stage, *, version: str, count: int, rate: float) -> tuple[Measured, dict[str, int]]:
    stage.empty()
    world.register(0, count + max(5, count // 20))
    with stage.twinev() as server:
        measured = _answered(server.name, load.sessions(server, version=version, first=0, count=count, rate=rate))
    world.check(0, count)
    return measured, world.commands()


def _answered(name: str, measured: Measured) -> Measured:
    answer = measured.answer
    if answer["lost"] or answer["problems"]:
        raise NotAllAnswered(f"{name}: {answer}")
    return measured


def _tell(bench: str, count: int, run: dict[str, Any], ours: Measured, baseline: Measured, node: Measured) -> None:
    run |= {
        "messages": ours.answer["messages"],
        "ours_per_s": ours.answer["messages"] / ours.answer["seconds"],
        "baseline_per_s": baseline.answer["messages"] / baseline.answer["seconds"],
    }
    cpu = [one.cpu_us_per_message for one in (ours, baseline, node)]
    tell(bench, count, "cpu per message", cpu[0], cpu[1], 1.0, "us", ocpp_rpc=cpu[2], **run)
    for percent in _PERCENTILES:
        late = [one.answer[f"p{percent}_ms"] for one in (ours, baseline, node)]
        tell(bench, count, f"latency p{percent}", late[0], late[1], 1.0, "ms", ocpp_rpc=late[2])
