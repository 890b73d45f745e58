"""How long "where should I charge now" takes, with 1,000, 10,000 and 100,000 stations in PostgreSQL.

`make bench-search` prints one line of JSON a row: `bench`, `n` (stations), `what`, `ours` and `baseline` (medians),
`ratio` (ours / baseline), `unit`, ours' `p95`, `processor` (of the web process alone, which says more where the machine
has other work), and `ok`: whether it is within the limit. Ours is the whole answer to the browser (view, ranking of the
stations within 30 km in four modes, page), each time to another need at another place; the baseline is the ranking
alone, done the plain way: every public station is read, and each that is near enough is estimated by itself.
"""

# ruff: noqa: E402 (the path must be right before the first import)
import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests import servers
from tests.load.ocpp_bench.servers import production
from tests.load.ocpp_bench.tell import tell

SIZES = (1_000, 10_000, 100_000)
AT_MOST_MS = 300.0
# The plain way takes seconds, and longer than a minute with a whole country: then once is enough.
_PLAIN_TIMES = {1_000: 5, 10_000: 3}


def prepare(database_url: str, redis_url: str, folder: Path) -> None:
    """Tables, and Django on them."""
    os.environ |= production(database_url=database_url, redis_url=redis_url, folder=folder)
    for what in ("migrate", "collectstatic"):
        command = [sys.executable, str(servers.ROOT / "manage.py"), what, "--noinput", "--verbosity", "0"]
        subprocess.run(command, cwd=servers.ROOT, check=True)
    import django

    django.setup()


def row(size: int, times: int, *, dense: bool) -> None:
    from django.core.cache import cache
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from tests.load.search_bench import country

    call_command("flush", interactive=False, verbosity=0)
    cache.clear()
    now = timezone.now()
    driver = country.build(size, now=now, dense=dense)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    ours, processor_ms, shown = _ours(driver, times)
    plain = _plain(driver, now, _PLAIN_TIMES.get(size, 1))
    tell(
        "search", size, "all within 30 km" if dense else "a country", statistics.median(ours), statistics.median(plain),
        None, "ms", p95=_p95(ours), p95_at_most=AT_MOST_MS, ok=_p95(ours) <= AT_MOST_MS, times=times,
        processor=processor_ms, kilobytes=shown / 1024,
    )  # fmt: skip


def _ours(driver: Any, times: int) -> tuple[list[float], float, int]:
    """What the browser asks for, with its session, its permission and the page: milliseconds on the clock, mean ones of
    the web process, and the size in bytes."""
    from django.test import Client

    from tests.load.search_bench.country import CENTRE

    client = Client(headers={"HX-Request": "true"}, SERVER_NAME="localhost")
    client.force_login(driver)
    vehicle, questions = driver.vehicles.get().pk, itertools.count()

    def ask() -> int:
        # Each question is another one: nothing of an answer may come from the one before.
        number = next(questions)
        need = {"vehicle": vehicle, "distance_km": 30, "soc_percent": 15 + number % 50, "target_soc_percent": 80}
        here = {"latitude": CENTRE[0] + number * 1e-4, "longitude": CENTRE[1]}
        answer = client.get("/search/", need | here)
        assert answer.status_code == 200, answer.status_code
        assert b"data-rank-cheap" in answer.content
        return len(answer.content)

    size = ask()
    began = time.process_time()
    took = [_took_ms(ask) for _ in range(times)]
    return took, (time.process_time() - began) * 1000 / times, size


def _plain(driver: Any, now: datetime, times: int) -> list[float]:
    from drivers.services.search import Need
    from drivers.services.travel import Position
    from tests.load.search_bench import plain
    from tests.load.search_bench.country import CENTRE

    need = Need(driver.vehicles.get(), Position(*CENTRE), 30_000, 40, 80)
    return [_took_ms(lambda: plain.find(need, now)) for _ in range(times)]


def _took_ms(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def _p95(values: list[float]) -> float:
    return sorted(values)[min(round(0.95 * len(values)), len(values) - 1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="numbers of stations")
    parser.add_argument("--times", type=int, default=40, help="questions a row")
    wanted = parser.parse_args()
    with servers.postgres() as database_url, servers.redis() as redis_url, tempfile.TemporaryDirectory() as folder:
        prepare(database_url, redis_url, Path(folder))
        for size in wanted.sizes:
            row(size, wanted.times, dense=False)
        if 10_000 in wanted.sizes:
            row(10_000, wanted.times, dense=True)


if __name__ == "__main__":
    main()
