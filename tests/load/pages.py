"""Weight and speed of each page of the drivers' app, as a phone on a slow line meets it: `make bench-pages`.

A server as in production (compressed, hashed files, behind the proxy of deploy/nginx), an empty cache, and by
DevTools the figures that Lighthouse calls slow 4G (562.5 ms of latency for each request, 1,440 kbit/s down, 675 up)
and a fourth of the CPU. Map tiles are left out. "usable": all that a page needs has run (DOMContentLoaded: its
scripts are deferred; a map comes after them); "map": it is there, on the front page with its stations.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from tests.flows.proxy import authority, nginx  # noqa: E402
from tests.servers import CHROMIUM_ARGUMENTS, chromium, end, free_port, healthy, wait_until  # noqa: E402

MOST_KB = 300
MOST_S = 2.0
LATENCY_MS, DOWN_KBIT, UP_KBIT, CPU = 562.5, 1_440, 675, 4
SETTLED_MS = 2_500
COLUMNS = ("page", "requests", "kB", "HTML kB", "first paint s", "largest s", "usable s", "map s", "shift")
VISITS = 3  # of which the median is told
MAP_SEEN = """new MutationObserver((changes, observer) => {
    const wanted = document.querySelector("#station-map") ? ".leaflet-marker-icon" : ".leaflet-tile-pane";
    if (!document.querySelector(wanted)) return;
    window.mapSeen = performance.now();
    observer.disconnect();
}).observe(document, {subtree: true, childList: true})"""
MEASURE = """() => new Promise((done) => {
    let shift = 0, largest = 0;
    const add = (one) => { if (!one.hadRecentInput) shift += one.value; };
    new PerformanceObserver((list) => list.getEntries().forEach(add))
        .observe({type: "layout-shift", buffered: true});
    new PerformanceObserver((list) => list.getEntries().forEach((one) => { largest = one.startTime; }))
        .observe({type: "largest-contentful-paint", buffered: true});
    setTimeout(() => {
        const page = performance.getEntriesByType("navigation")[0];
        const first = performance.getEntriesByName("first-contentful-paint")[0];
        const usable = page.domContentLoadedEventEnd;
        done({first: first?.startTime ?? 0, largest, usable, map: window.mapSeen ?? 0, shift});
    }, 50);
})"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="twinev-pages-") as folder, server(Path(folder)) as (address, person):
        paths, cookie = people(person)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
            print(f"| {' | '.join(COLUMNS)} |\n|{' --- |' * len(COLUMNS)}")
            for name, path in paths.items():
                visits = [measured(browser, address, path, cookie) for _ in range(VISITS)]
                print(row(name, {key: median(visit[key] for visit in visits) for key in visits[0]}), flush=True)
            browser.close()


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, Any]]:
    """As in production, without TLS; its address, and the driver who looks."""
    port = free_port()
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "twinev.settings",
        "TWINEV_DEMO": "0",
        "TWINEV_SECRET_KEY": "of-a-measurement-that-nobody-else-can-reach",
        "TWINEV_ALLOWED_HOSTS": "127.0.0.1",
        "TWINEV_TRUSTED_PROXIES": "1",
        "EMAIL_URL": f"file://{folder}/mails",
        "DATABASE_URL": f"sqlite:///{folder}/pages.sqlite3",
        "REDIS_URL": "",
        "TWINEV_DATA_DIR": str(folder),
    }
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    person = build()
    command = [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_until(lambda: healthy(f"http://127.0.0.1:{port}/healthz"), process, "TwinEV")
        (folder / "proxy").mkdir()
        with nginx(upstream_port=port, signed_by=authority(), folder=folder / "proxy") as proxy:
            yield f"https://127.0.0.1:{proxy.tls_port}", person
    finally:
        end(process)


def build() -> Any:
    """Twenty stations, and a driver with something on each page."""
    from django.utils import timezone

    from chargepoints.models import ChargePoint, Location
    from drivers.models import Notice
    from drivers.services import notices
    from tests import factories

    now = timezone.now()
    person, operator = factories.driver("ann"), factories.operator("Steinheim Mobil")
    for number in range(20):
        point = factories.charge_point(operator)
        where = {"latitude": 51.86 + number / 1000, "longitude": 9.08 + number / 1000}
        ChargePoint.objects.filter(pk=point.pk).update(**where)
        Location.objects.filter(supply_points=point.supply_point_id).update(**where)
    factories.charge_point(owner=person)
    for number in range(5):
        about: dict[str, str | int] = {"station": f"Station {number}", "energy_wh": 7_000 + number}
        notices.tell(
            user=person, kind=Notice.Kind.SESSION_END, about=about, path="/", now=now - timedelta(hours=number)
        )
    factories.vehicle(person)
    factories.id_token(person)
    return person


def people(person: Any) -> tuple[dict[str, str], str]:
    """What is looked at, and the driver's cookie; "" stands for a stranger."""
    from django.test import Client

    client = Client()
    client.force_login(person)
    point = person.home_locations.get().supply_points.get().charge_points.get()
    paths = {
        "map, stranger": "-/",
        "map": "/",
        "charge": "/charge/",
        "history": "/charge/history/",
        "bookings": "/bookings/",
        "vehicles": "/vehicles/",
        "add a vehicle": "/vehicles/add/",
        "profile": "/me/",
        "charge points": "/me/charge-points/",
        "add a charge point": "/me/charge-points/add/",
        "a charge point": f"/me/charge-points/{point.pk}/",
        "my data": "/me/data/",
        "notices": "/notices/",
        "terms": "/terms/",
        "log in": "-/accounts/login/",
        "sign up": "-/accounts/signup/",
    }
    return paths, client.cookies["sessionid"].value


def measured(browser: Browser, address: str, path: str, cookie: str) -> dict[str, float]:
    """A first visit: nothing is in the cache."""
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, service_workers="block", ignore_https_errors=True
    )
    if not path.startswith("-"):
        context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
    page = context.new_page()
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    line = {"offline": False, "latency": LATENCY_MS, "downloadThroughput": DOWN_KBIT * 125}
    devtools.send("Network.emulateNetworkConditions", {**line, "uploadThroughput": UP_KBIT * 125})
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": CPU})
    sizes: dict[str, float] = {}
    devtools.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    figures = _visit(page, address + path.removeprefix("-"))
    html = page.evaluate("performance.getEntriesByType('navigation')[0].encodedBodySize")
    context.close()
    return {**figures, "requests": len(sizes), "kb": sum(sizes.values()) / 1000, "html_kb": html / 1000}


def _visit(page: Page, address: str) -> dict[str, float]:
    page.add_init_script(MAP_SEEN)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(SETTLED_MS)
    figures: dict[str, float] = page.evaluate(MEASURE)
    return figures


def row(name: str, found: dict[str, float]) -> str:
    first, largest, usable, seen = (found[key] / 1000 for key in ("first", "largest", "usable", "map"))
    light = "" if found["kb"] <= MOST_KB else " (!)"
    quick = "" if usable <= MOST_S else " (!)"
    return (
        f"| {name} | {found['requests']:.0f} | {found['kb']:.0f}{light} | {found['html_kb']:.1f} | {first:.2f} "
        f"| {largest:.2f} | {usable:.2f}{quick} | {f'{seen:.2f}' if seen else ''} | {found['shift']:.3f} |"
    )


if __name__ == "__main__":
    main()
