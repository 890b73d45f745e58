"""What the grid operators' map weighs and how fluid it is, with 1,000 and 10,000 points: `make bench-grid-map`.

Prints one line of JSON a row (`bench`, `n` charge points, `what`, `ours`, `baseline`, `ratio`, `unit`), then a table.
The baseline is the plain way: everything in GeoJSON at each question, a marker for each point (grid_bench/plain.py,
browser.py). PostgreSQL and web process as in production, no map tiles. Bytes are compressed ones; "processor" is that
of the web process alone; "worst frame": the longest time between two pictures while the map zooms two steps or pans.
"""

# ruff: noqa: E402 (the path must be right before the first import)
import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path[0] = str(Path(__file__).resolve().parents[2])

from playwright.sync_api import Browser, sync_playwright

from tests import servers
from tests.load.ocpp_bench.servers import production, web
from tests.load.ocpp_bench.tell import tell, tell_fact

SIZES = (1_000, 10_000)
# Of the points that charge, those whose meter says something else ten seconds later.
_CHANGED = 0.05
_TIMES = 5
_TASKS = {
    "draw": "all points drawn",
    "select": "select all",
    "unselect": "unselect all",
    "zoom": "worst frame of a zoom",
    "pan": "worst frame of a pan",
}


def prepare(database_url: str, redis_url: str, folder: Path) -> dict[str, str]:
    """Tables, and Django on them; the environment for the web process."""
    environment = production(database_url=database_url, redis_url=redis_url, folder=folder)
    os.environ |= environment | {"DJANGO_ALLOW_ASYNC_UNSAFE": "true"}
    for what in ("migrate", "collectstatic"):
        command = [sys.executable, str(servers.ROOT / "manage.py"), what, "--noinput", "--verbosity", "0"]
        subprocess.run(command, cwd=servers.ROOT, check=True)
    import django

    django.setup()
    return environment


class Rows:
    """The figures of one size, each told at once and kept for the table."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.lines: list[str] = []

    def tell(self, what: str, ours: float, baseline: float, unit: str) -> None:
        tell("grid-map", self.size, what, ours, baseline, None, unit)
        self.lines.append(f"| {what}, {unit} | {ours:,.1f} | {baseline:,.1f} | {ours / baseline:.3f} |")

    def fact(self, what: str, ours: float, unit: str) -> None:
        tell_fact("grid-map", self.size, what, ours, unit)
        self.lines.append(f"| {what}, {unit} | {ours:,.1f} | | |")


def measure(size: int, environment: dict[str, str], folder: Path, browser: Browser) -> Rows:
    from django.core.cache import cache
    from django.core.management import call_command
    from django.db import connection

    from tests.load.grid_bench import town

    call_command("flush", interactive=False, verbosity=0)
    cache.clear()
    rows, person = Rows(size), town.build(size)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    cookie = _answers(rows, person)
    _pictures(rows, environment, folder, browser, cookie)
    return rows


def _answers(rows: Rows, person: Any) -> str:
    """What the web process sends, and what that costs it."""
    from django.test import Client

    from tests.load.grid_bench import plain

    client = Client(headers={"Accept-Encoding": "gzip"}, SERVER_NAME="localhost")
    client.force_login(person)
    whole = len(plain.answer(person)) / 1024
    plain_ms = _processor_ms(lambda: plain.answer(person))
    layout = client.get("/grid/points.json")
    rows.tell("the map when first opened", (len(layout.content) + len(_news(client).content)) / 1024, whole, "kB")
    again = client.get("/grid/points.json", headers={"If-None-Match": layout["ETag"]})
    rows.tell("opened again", (len(again.content) + len(_news(client).content)) / 1024, whole, "kB")
    rows.tell("processor for that", _processor_ms(lambda: client.get("/grid/points.json")), plain_ms, "ms")
    since = _version(client)
    _move()
    rows.tell("a poll, 5 % changed", len(_news(client, since).content) / 1024, whole, "kB")
    rows.tell("processor for that poll", _processor_ms(lambda: _news(client, since)), plain_ms, "ms")
    return client.cookies["sessionid"].value


def _news(client: Any, since: str = "") -> Any:
    answer = client.get("/grid/news.json", {"since": since})
    assert answer.status_code == 200, answer.status_code
    return answer


def _version(client: Any) -> str:
    from django.test import Client

    reader = Client(SERVER_NAME="localhost")
    reader.cookies = client.cookies
    return str(reader.get("/grid/news.json").json()["version"])


def _move() -> None:
    from chargepoints.models import Transaction

    dice, running = random.Random(1), list(Transaction.objects.all())
    for row in running:
        if dice.random() < _CHANGED:
            row.power_w = dice.uniform(1_400, 11_000)
    Transaction.objects.bulk_update(running, ["power_w"], batch_size=1_000)


def _pictures(rows: Rows, environment: dict[str, str], folder: Path, browser: Browser, cookie: str) -> None:
    """What the browser makes of it."""
    from tests.load.grid_bench import browser as seen

    with web(environment, folder) as server:
        address = server.url.replace("ws://", "http://").removesuffix("/ocpp")
        seen.ours(browser, address, cookie)  # the web process is warm afterwards
        ours = seen.ours(browser, address, cookie)
    plain = seen.plain(browser, ours["places"])
    rows.fact("first markers after the page was asked for", ours["first"], "ms")
    for name, what in _TASKS.items():
        rows.tell(what, ours[name], plain[name], "ms")
    rows.tell("elements for markers", ours["elements"], plain["elements"], "elements")


def _processor_ms(work: Callable[[], Any]) -> float:
    took = []
    for _ in range(_TIMES):
        began = time.process_time()
        work()
        took.append((time.process_time() - began) * 1000)
    return statistics.median(took)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="numbers of charge points")
    sizes = parser.parse_args().sizes
    with (
        servers.postgres() as database_url,
        servers.redis() as redis_url,
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
    ):
        environment = prepare(database_url, redis_url, Path(folder))
        browser = playwright.chromium.launch(executable_path=servers.chromium(), args=servers.CHROMIUM_ARGUMENTS)
        found = [measure(size, environment, Path(folder), browser) for size in sizes]
        browser.close()
    for rows in found:
        print(f"\n| {rows.size:,} charge points | ours | baseline | ratio |\n| --- | --- | --- | --- |")
        print("\n".join(rows.lines))


if __name__ == "__main__":
    main()
