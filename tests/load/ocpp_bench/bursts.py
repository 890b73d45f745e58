"""Rows ocpp-burst and ocpp-backlog: hundreds of chargers at once, when the power or the line is back."""

from collections.abc import Callable

from tests.load.ocpp_bench import load, servers, world
from tests.load.ocpp_bench.load import Measured
from tests.load.ocpp_bench.servers import Server
from tests.load.ocpp_bench.stage import Stage
from tests.load.ocpp_bench.tell import tell, tell_fact

STARTS_WITHIN_S = 10.0


def burst(stage: Stage, *, version: str, count: int) -> None:
    """All start within the same second: the last answer comes within ten."""

    def starts(server: Server) -> Measured:
        # Authorise and start: two messages each.
        return load.run(server, version=version, story="burst", first=0, count=count, rate=2.0 * count)

    ours, baseline = _both(stage, count, starts, lambda: world.check_starts(count))
    tell_fact(
        f"ocpp-burst-{version}", count, "last start answered", ours.answer["p100_ms"] / 1000, "s", STARTS_WITHIN_S,
        p50_s=ours.answer["p50_ms"] / 1000, refused=0, baseline=baseline.answer["p100_ms"] / 1000,
    )  # fmt: skip


def backlog(stage: Stage, *, version: str, count: int) -> None:
    """An hour's sessions of all at once, starts and stops twice: each is stored once and whole."""

    def everything(server: Server) -> Measured:
        return load.run(server, version=version, story="backlog", first=0, count=count, rate=None)

    ours, baseline = _both(stage, count, everything, lambda: world.check_backlog(count))
    messages = ours.answer["messages"]
    tell(
        f"ocpp-backlog-{version}", count, "seconds until all is stored", ours.answer["seconds"],
        baseline.answer["seconds"], None, "s", messages=messages, per_s=messages / ours.answer["seconds"],
        transactions=world.transactions(), twice=0, cpu_us_per_message=ours.cpu_us_per_message,
    )  # fmt: skip


def _both(
    stage: Stage, count: int, work: Callable[[Server], Measured], check: Callable[[], None]
) -> tuple[Measured, Measured]:
    with servers.bare() as server:
        baseline = load.answered(server.name, work(server))
    stage.empty()
    world.register(count)
    with stage.twinev() as server:
        ours = load.answered(server.name, work(server))
    check()
    return ours, baseline
