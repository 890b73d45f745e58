"""Takes the pictures in docs/screenshots: starts the demo in a folder of its own, plays each role, ends it.

    python scripts/screenshots.py            all pictures
    python scripts/screenshots.py grid       those whose name begins so

Needs Chromium (CHROMIUM=… names it) and the development requirements.
"""

import base64
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.servers import CHROMIUM_ARGUMENTS, chromium, end, free_port, wait_until  # noqa: E402
from twinev.demo.people import DEMO_PASSWORD, id_token  # noqa: E402

OUT = ROOT / "docs" / "screenshots"
SIZES = {"phone": (390, 844), "desktop": (1440, 900)}
# Every page in English on both; in German on the one that its app is made for.
MADE_FOR = {"drivers": "phone", "grid": "desktop", "dashboard": "desktop"}
# The first cars are charging and the grid operator's order is under way by then.
LIVING_AFTER_MS = 40_000

MANAGE = [sys.executable, "manage.py"]

# name, login, address
PAGES = (
    ("drivers-map", None, "/"),
    ("drivers-charge", "demo", "/charge/"),
    ("drivers-vehicles", "demo", "/vehicles/"),
    ("drivers-my-profile", "demo", "/me/"),
    ("drivers-my-notices", "demo", "/notices/"),
    ("drivers-my-charge-points", "demo", "/me/charge-points/"),
    ("drivers-my-charge-point-form", "demo", "/me/charge-points/add/"),
    ("drivers-my-data", "demo", "/me/data/"),
    ("drivers-my-terms", "demo", "/terms/"),
    ("drivers-bookings", "demo", "/bookings/"),
    ("grid-status", "dso1", "/grid/"),
    ("grid-historical", "dso1", "/grid/historical/"),
    ("dashboard-transactions", "cpo.hagedorn", "/dashboard/transactions/"),
    ("dashboard-commands", "cpo.hagedorn", "/dashboard/commands/"),
    ("dashboard-locations", "cpo.hagedorn", "/dashboard/locations/"),
    ("dashboard-messages", "cpo.hagedorn", "/dashboard/messages/"),
    # The district's first charger is the one with V2G.
    ("dashboard-charger", "cpo.hagedorn", "/dashboard/charge-points/1/"),
    ("dashboard-charger-limits", "cpo.hagedorn", "/dashboard/charge-points/1/limits/"),
    ("dashboard-charger-configuration", "cpo.hagedorn", "/dashboard/charge-points/1/configuration/"),
    ("dashboard-charger-set-up", "cpo.hagedorn", "/dashboard/charge-points/1/set-up/"),
    ("dashboard-cards", "cpo.hagedorn", "/dashboard/cards/"),
    ("dashboard-checks", "cpo.hagedorn", "/dashboard/checks/"),
    ("dashboard-refused", "cpo.hagedorn", "/dashboard/refused/"),
    ("dashboard-register", "cpo.hagedorn", "/dashboard/charge-points/register/?identity=STM-NEW-01"),
)


@contextlib.contextmanager
def demo() -> Iterator[str]:
    """The demo on a free port; its address."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="twinev-pictures-") as folder:
        os.environ |= {"TWINEV_DEMO": "1", "TWINEV_DATA_DIR": folder, "DATABASE_URL": "", "REDIS_URL": ""}
        command = [sys.executable, "manage.py", "demo", "--port", str(port)]
        process = subprocess.Popen(command, cwd=ROOT)
        address = f"http://localhost:{port}"
        try:
            wait_until(lambda: _answers(f"{address}/healthz"), process, "the demo")
            yield address
        finally:
            end(process, signal.SIGINT)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


@contextlib.contextmanager
def page_for(browser: Browser, address: str, login: str | None, size: str, language: str) -> Iterator[Page]:
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, locale=language, reduced_motion="reduce")
    page = context.new_page()
    if login:
        page.goto(f"{address}/accounts/login/")
        page.fill("[name=username]", login)
        page.fill("[name=password]", DEMO_PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login" not in url)
    # After the login, which brings back the language of the person.
    context.add_cookies([{"name": "django_language", "value": language, "url": address}])
    yield page
    context.close()


def variants(name: str) -> list[tuple[str, str]]:
    """The sizes and languages in which a picture is taken."""
    return [*((size, "en") for size in SIZES), (MADE_FOR[name.split("-")[0]], "de")]


def shoot(page: Page, name: str, size: str, language: str) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)  # charts and maps draw after their data has come
    path = OUT / f"{name}-{size}-{language}.png"
    page.screenshot(path=path)
    print(path.relative_to(ROOT), flush=True)


def pages(browser: Browser, address: str, wanted: str) -> None:
    """Every page as it stands, in both sizes and languages."""
    for name, login, path in PAGES:
        if not name.startswith(wanted):
            continue
        for size, language in variants(name):
            with page_for(browser, address, login, size, language) as page:
                page.goto(address + path)
                shoot(page, name, size, language)


def search(browser: Browser, address: str) -> None:
    """The ranked stations."""
    for size, language in variants("drivers-search"):
        with page_for(browser, address, "demo", size, language) as page:
            page.goto(address)
            page.locator("form[action*='search'] button[type=submit], form[hx-get*='search'] button").first.click()
            expect(page.locator(".rank").first).to_be_visible()
            shoot(page, "drivers-search", size, language)


def charge(browser: Browser, address: str) -> None:
    """A session on the driver's own charge point, from the form to the orange card."""
    with page_for(browser, address, "demo", "phone", "en") as page:
        page.goto(f"{address}/charge/")
        page.locator("#content form button[type=submit]").last.click()
        expect(page.locator(".ring").first).to_be_visible(timeout=60_000)
    for size, language in variants("drivers-session"):
        with page_for(browser, address, "demo", size, language) as page:
            page.goto(f"{address}/charge/")
            shoot(page, "drivers-session", size, language)


def change(browser: Browser, address: str) -> None:
    """The running session with its reasons hour by hour, and the form that changes it with the new quote."""
    for size, language in variants("drivers-change"):
        with page_for(browser, address, "demo", size, language) as page:
            page.goto(f"{address}/charge/")
            page.goto(address + str(page.locator("#session-info").get_attribute("href")))
            expect(page.locator("[data-chart] canvas").first).to_be_visible()
            shoot(page, "drivers-session-details", size, language)
            page.goto(f"{address}/charge/")
            page.locator("#change-charge").click()
            expect(page.locator("#change-price")).to_be_visible()
            shoot(page, "drivers-change", size, language)


def receipt(browser: Browser, address: str) -> None:
    """The end of the session, and its receipt."""
    with page_for(browser, address, "demo", "phone", "en") as page:
        page.goto(f"{address}/charge/")
        page.locator("#end-charge").click()
        page.locator("#end-dialog button[type=submit]").click()
        expect(page.locator("[data-look=finished]")).to_be_visible(timeout=60_000)
    for size, language in variants("drivers-receipt"):
        with page_for(browser, address, "demo", size, language) as page:
            page.goto(f"{address}/charge/")
            shoot(page, "drivers-finished", size, language)
            page.locator(".receipt summary").click()
            page.locator(".receipt a").click()
            shoot(page, "drivers-receipt", size, language)


def shared(browser: Browser, address: str) -> None:
    """Some hours of a shared vehicle, tomorrow."""
    for size, language in variants("drivers-shared"):
        with page_for(browser, address, "demo", size, language) as page:
            page.goto(f"{address}/vehicles/shared/")
            page.locator(".day-line a").last.click()
            hours = page.locator(".slot--free")
            hours.nth(-6).click()
            hours.nth(-3).click()
            shoot(page, "drivers-shared", size, language)


def transaction(browser: Browser, address: str) -> None:
    """The drawer of a running transaction."""
    for language in ("en", "de"):
        with page_for(browser, address, "cpo.hagedorn", "desktop", language) as page:
            page.goto(f"{address}/dashboard/transactions/")
            page.locator("tbody a").first.click()
            expect(page.locator("#drawer [data-chart] canvas")).to_be_visible()
            shoot(page, "dashboard-transaction", "desktop", language)


def check(browser: Browser, address: str) -> None:
    """A doubtful session that waits for a decision."""
    for size, language in variants("dashboard-check"):
        with page_for(browser, address, "cpo.hagedorn", size, language) as page:
            page.goto(f"{address}/dashboard/checks/")
            page.locator("tbody a").first.click()
            expect(page.locator("#drawer [data-chart] canvas")).to_be_visible()
            shoot(page, "dashboard-check", size, language)


CARDS = (("FLEET-HX-01", "FLEET-HX"), ("FLEET-HX-02", "FLEET-HX"), ("SERVICE-1", "SERVICE"), ("LOST-0042", ""))


def staff_at_work(browser: Browser, address: str) -> None:
    """Cards that were given out, a stranger at the door, and a session that nobody may have begun."""
    with page_for(browser, address, "cpo.hagedorn", "desktop", "en") as page:
        for token, group in CARDS:
            page.goto(f"{address}/dashboard/cards/add/")
            page.fill("[name=token]", token)
            page.fill("[name=parent]", group)
            page.press("[name=token]", "Enter")
            expect(page.locator(".notice--success")).to_be_visible()
        page.fill("[name=group]", "SERVICE")
        page.press("[name=group]", "Enter")
        page.locator("tbody a").first.click()
        page.locator("#drawer form[action*=block] button").click()
        expect(page.locator(".notice--success")).to_be_visible()
    ocpp = f"{address.replace('http', 'ws', 1)}/ocpp"
    with contextlib.suppress(InvalidStatus):
        connect(f"{ocpp}/STM-NEW-01", subprotocols=["ocpp1.6"]).close()
    secret = put_on("STM-OLD-01")
    login = base64.b64encode(f"STM-OLD-01:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {login}"}
    with connect(f"{ocpp}/STM-OLD-01", subprotocols=["ocpp1.6"], additional_headers=headers) as line:
        start = {"connectorId": 1, "idTag": "STRANGER", "meterStart": 1000, "timestamp": "2026-01-05T08:00:00Z"}
        transaction_id = told(line, "StartTransaction", start)["transactionId"]
        stop = {"transactionId": transaction_id, "meterStop": 6400, "timestamp": "2026-01-05T08:50:00Z"}
        told(line, "StopTransaction", stop)


def told(line: ClientConnection, action: str, payload: dict[str, Any]) -> Any:
    """A charger's message, and its answer."""
    line.send(json.dumps([2, action, action, payload]))
    return next(frame[2] for frame in map(json.loads, line) if frame[:2] == [3, action])


def by_hand(browser: Browser, address: str) -> None:
    """A session of a virtual charge point that was put on by hand, in each version, as staff see it."""
    for version in ("1.6", "2.0.1"):
        # One after the other: a card charges one car at a time.
        if play(address, f"BY-HAND-{version}", version).wait(timeout=300) != 0:
            raise RuntimeError(f"the play in OCPP {version} failed")
        with page_for(browser, address, "cpo.hagedorn", "desktop", "en") as page:
            page.set_viewport_size({"width": 1440, "height": 1900})
            page.goto(f"{address}/dashboard/transactions/?q=BY-HAND-{version}")
            page.goto(address + str(page.locator("tbody a").first.get_attribute("href")))
            expect(page.locator("[data-chart] canvas").first).to_be_visible()
            shoot(page, f"dashboard-session-by-hand-{version}", "desktop", "en")


def play(address: str, identity: str, version: str) -> subprocess.Popen[bytes]:
    """Put a charger on, let a car come, charge for ten minutes and leave; six times as fast as it is told."""
    secret = put_on(identity)
    script = Path(os.environ["TWINEV_DATA_DIR"]) / f"{identity}.play"
    script.write_text(f"0s plug soc=30 capacity=60000 max=11000\n10s card {id_token('demo')}\n10m unplug\n")
    url = f"{address.replace('http', 'ws', 1)}/ocpp"
    simulate = ["simulate", "--url", url, "--identity", identity, "--ocpp", version, "--script", str(script)]
    return subprocess.Popen([*MANAGE, *simulate, "--password", secret, "--speed", "6", "--for", "12m"], cwd=ROOT)


def put_on(identity: str) -> str:
    """Register a charger; its password."""
    add = ["charger", "add", identity, "--operator", "Hagedorn Energie", "--place", "By hand", "--evse", "11000"]
    shown = subprocess.run([*MANAGE, *add], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return shown.partition("password")[2].split()[0]


SCENES = {
    "drivers-search": search,
    "drivers-session": charge,
    "drivers-change": change,
    "drivers-receipt": receipt,
    "drivers-shared": shared,
    "dashboard-transaction": transaction,
    "dashboard-check": check,
    "dashboard-session-by-hand": by_hand,
}


def main() -> None:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    OUT.mkdir(parents=True, exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        waiting = browser.new_page()
        waiting.wait_for_timeout(LIVING_AFTER_MS)
        waiting.close()
        staff_at_work(browser, address)
        pages(browser, address, wanted)
        for name, scene in SCENES.items():
            if name.startswith(wanted):
                scene(browser, address)
        browser.close()


if __name__ == "__main__":
    main()
