"""The process that offers the load: chargers in one event loop.

It reads a specification as one line of JSON, says {"ready": true} when all are connected, begins at the next line, and
prints the result as one line.
"""

import asyncio
import gc
import json
import random
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from tests.load.ocpp_bench import names, stories
from tests.load.ocpp_bench.charger import Charger, connect_all

# What is still unanswered then is lost.
PATIENCE_S = 900.0


def main() -> None:
    specification = json.loads(sys.stdin.readline())
    result = asyncio.run(_run(**specification))
    print(json.dumps(result), flush=True)


async def _run(*, url: str, version: str, story: str, first: int, count: int, rate: float | None) -> dict[str, Any]:
    """``rate``: messages a second, whatever the server takes; None: as fast as it answers."""
    now = datetime.now(UTC).replace(microsecond=0)
    told = [stories.STORIES[story](version, number, now) for number in range(first, first + count)]
    chargers = [Charger(names.identity(first + place), one.steps) for place, one in enumerate(told)]
    await connect_all(chargers, url, version, names.SECRET)
    before = told[0].before
    await _tell_before(chargers, before)
    print(json.dumps({"ready": True}), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    gc.freeze()
    began = perf_counter()
    if rate is None:
        for charger in chargers:
            charger.due(began, len(charger.steps) - before)
    else:
        await offer(chargers, rate, len(told[0].steps) - before)
    await all_answered(chargers)
    return summary(chargers, perf_counter() - began)


async def _tell_before(chargers: Sequence[Charger], steps: int) -> None:
    """What was said before the clock runs, and is not counted."""
    for charger in chargers:
        charger.due(perf_counter(), steps)
    deadline = perf_counter() + PATIENCE_S
    while any(one.answered < steps for one in chargers) and perf_counter() < deadline:
        await asyncio.sleep(0.02)
    for charger in chargers:
        charger.latencies_s.clear()


async def offer(chargers: Sequence[Charger], rate: float, steps: int) -> None:
    """The remaining ``steps`` of all chargers, ``rate`` a second, whatever the server takes."""
    began = perf_counter()
    for position, number in enumerate(interleaved(len(chargers), steps)):
        due = began + position / rate
        ahead_s = due - perf_counter()
        if ahead_s > 0:
            await asyncio.sleep(ahead_s)
        elif position % 20 == 0:
            await asyncio.sleep(0)
        chargers[number].due(due)


def interleaved(chargers: int, steps: int, seed: int = 1) -> Iterator[int]:
    """In which order chargers speak: each at its own pace from its own beginning, so that all phases are mixed."""
    rng = random.Random(seed)
    moments: list[tuple[float, int]] = []
    for number in range(chargers):
        share = rng.uniform(0.5, 1.0)
        begin = rng.choice((0.0, 1.0 - share))
        moments += [(begin + share * (step + rng.random() * 0.2) / steps, number) for step in range(steps)]
    return (number for _, number in sorted(moments))


async def all_answered(chargers: Sequence[Charger]) -> None:
    deadline = perf_counter() + PATIENCE_S
    while any(one.is_waiting for one in chargers) and perf_counter() < deadline:
        await asyncio.sleep(0.02)


def summary(chargers: Sequence[Charger], seconds: float) -> dict[str, Any]:
    latencies_ms = sorted(1000 * latency for one in chargers for latency in one.latencies_s)
    problems = [problem for one in chargers for problem in one.problems]
    lost = sum(len(one.steps) - one.answered for one in chargers)
    return {
        "messages": len(latencies_ms),
        "seconds": round(seconds, 3),
        "lost": lost,
        "problems": len(problems),
        "first_problems": problems[:3],
        **{f"p{percent}_ms": round(percentile(latencies_ms, percent), 2) for percent in (50, 95, 99, 100)},
    }


def percentile(ordered: Sequence[float], percent: float) -> float:
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


if __name__ == "__main__":
    main()
