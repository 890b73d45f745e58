"""Takes the pictures in docs/screenshots: starts the demo in a folder of its own, plays each role, ends it.

    python scripts/screenshots.py                    all pictures
    python scripts/screenshots.py grid drivers-my    those whose name begins so

Needs Chromium (CHROMIUM=… names it) and the development requirements.
"""

import base64
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.servers import CHROMIUM_ARGUMENTS, chromium, end, free_port, wait_until  # noqa: E402
from twinev.demo.people import DEMO_PASSWORD, id_token  # noqa: E402

OUT = ROOT / "docs" / "screenshots"
SIZES = {"phone": (390, 844), "desktop": (1440, 900)}
# So many colours show no difference on a page, and make a picture a third as large.
COLOURS = 256
# Every page in English on both; in German on the one that its app is made for.
MADE_FOR = {"drivers": "phone", "grid": "desktop", "dashboard": "desktop"}
# The first cars are charging and the grid operator's order is under way by then.
LIVING_AFTER_MS = 40_000

MANAGE = [sys.executable, "manage.py"]

# name, login, address
PAGES = (
    ("drivers-map", None, "/"),
    ("drivers-stations", None, "/stations/"),
    ("drivers-offline", None, "/offline/"),
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
    ("grid-campaigns", "dso1", "/grid/campaigns/"),
    ("grid-campaign-new", "dso1", "/grid/campaigns/new/"),
    ("grid-machines", "dso1", "/grid/machines/"),
    ("grid-users", "gridadmin", "/grid/users/"),
    ("grid-user-add", "gridadmin", "/grid/users/add/"),
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


Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class View:
    """How a page is looked at."""

    size: str = "phone"
    language: str = "en"
    scheme: Scheme = "light"

    @property
    def suffix(self) -> str:
        return f"{self.size}-{self.language}" + ("-dark" if self.scheme == "dark" else "")


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
def page_for(browser: Browser, address: str, login: str | None, view: View) -> Iterator[Page]:
    width, height = SIZES[view.size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        locale=view.language,
        reduced_motion="reduce",
        color_scheme=view.scheme,
    )
    page = context.new_page()
    if login:
        page.goto(f"{address}/accounts/login/")
        page.fill("[name=username]", login)
        page.fill("[name=password]", DEMO_PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url(lambda url: "/login" not in url)
    # After the login, which brings back the language of the person.
    context.add_cookies([{"name": "django_language", "value": view.language, "url": address}])
    yield page
    context.close()


def variants(name: str) -> list[View]:
    """The sizes, languages and colours in which a picture is taken; drivers use the app by night, too."""
    app = name.split("-")[0]
    dark = [View(size, scheme="dark") for size in SIZES] if app == "drivers" else []
    return [*(View(size) for size in SIZES), View(MADE_FOR[app], "de"), *dark]


def shoot(page: Page, name: str, view: View) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)  # charts and maps draw after their data has come
    path = OUT / f"{name}-{view.suffix}.png"
    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(path.relative_to(ROOT), flush=True)


def pages(browser: Browser, address: str, wanted: tuple[str, ...]) -> None:
    """Every page as it stands, in both sizes and languages."""
    for name, login, path in PAGES:
        if not name.startswith(wanted):
            continue
        for view in variants(name):
            with page_for(browser, address, login, view) as page:
                page.goto(address + path)
                shoot(page, name, view)


def search(browser: Browser, address: str) -> None:
    """The ranked stations."""
    for view in variants("drivers-search"):
        with page_for(browser, address, "demo", view) as page:
            page.goto(address)
            page.locator("form[action*='search'] button[type=submit], form[hx-get*='search'] button").first.click()
            expect(page.locator(".rank").first).to_be_visible()
            shoot(page, "drivers-search", view)


def charge(browser: Browser, address: str) -> None:
    """A session on the driver's own charge point, from the form to the orange card."""
    with page_for(browser, address, "demo", View()) as page:
        page.goto(f"{address}/charge/")
        page.locator("#content form button[type=submit]").last.click()
        expect(page.locator(".ring").first).to_be_visible(timeout=60_000)
    for view in variants("drivers-session"):
        with page_for(browser, address, "demo", view) as page:
            page.goto(f"{address}/charge/")
            shoot(page, "drivers-session", view)


def change(browser: Browser, address: str) -> None:
    """The running session with its reasons hour by hour, and the form that changes it with the new quote."""
    for view in variants("drivers-change"):
        with page_for(browser, address, "demo", view) as page:
            page.goto(f"{address}/charge/")
            page.goto(address + str(page.locator("#session-info").get_attribute("href")))
            expect(page.locator("[data-chart] canvas").first).to_be_visible()
            shoot(page, "drivers-session-details", view)
            page.goto(f"{address}/charge/")
            page.locator("#change-charge").click()
            expect(page.locator("#change-price")).to_be_visible()
            shoot(page, "drivers-change", view)


def receipt(browser: Browser, address: str) -> None:
    """The end of the session, and its receipt."""
    with page_for(browser, address, "demo", View()) as page:
        page.goto(f"{address}/charge/")
        page.locator("#end-charge").click()
        page.locator("#end-dialog button[type=submit]").click()
        expect(page.locator("[data-look=finished]")).to_be_visible(timeout=60_000)
    for view in variants("drivers-receipt"):
        with page_for(browser, address, "demo", view) as page:
            page.goto(f"{address}/charge/")
            shoot(page, "drivers-finished", view)
            page.locator(".receipt summary").click()
            page.locator(".receipt a").click()
            shoot(page, "drivers-receipt", view)


def shared(browser: Browser, address: str) -> None:
    """Some hours of a shared vehicle, tomorrow."""
    for view in variants("drivers-shared"):
        with page_for(browser, address, "demo", view) as page:
            page.goto(f"{address}/vehicles/shared/")
            page.locator(".day-line a").last.click()
            hours = page.locator(".slot--free")
            hours.nth(-6).click()
            hours.nth(-3).click()
            shoot(page, "drivers-shared", view)


OTHER_DRIVER = "demo.athens"


@contextlib.contextmanager
def two_drivers(browser: Browser, address: str) -> Iterator[tuple[Page, Page]]:
    with (
        page_for(browser, address, "demo", View()) as mine,
        page_for(browser, address, OTHER_DRIVER, View()) as theirs,
    ):
        yield mine, theirs


def last_free_charger(page: Page, address: str) -> str:
    """The address of a station with one charger left that fits everybody ("1 of 2 free", in any language)."""
    page.goto(f"{address}/stations/?words=Athens")
    rows = page.locator("#stations a", has_text=re.compile(r"\b1 \w+ \d")).filter(has_not_text="CHAdeMO")
    return address + str(rows.first.get_attribute("href"))


def reserve(page: Page, station: str) -> None:
    page.goto(station)
    page.get_by_role("button", name="Reserve", exact=True).click()
    expect(page.locator("#reserved")).to_be_visible()


def give_back(page: Page, address: str) -> None:
    page.goto(f"{address}/bookings/")
    page.locator("li[data-status=active] form button").click()
    expect(page.locator("li[data-status=active]")).to_have_count(0)


def refused(browser: Browser, address: str) -> None:
    """Somebody was faster: what else is free nearby."""
    for view in variants("drivers-refused"):
        with (
            page_for(browser, address, "demo", view) as mine,
            page_for(browser, address, OTHER_DRIVER, View()) as theirs,
        ):
            station = last_free_charger(mine, address)
            mine.goto(station)  # its button is there still when the other driver has pressed theirs
            reserve(theirs, station)
            mine.locator("form[hx-post*=reserve] button").click()
            expect(mine.locator("#dialog .list-cards, #dialog .button--primary").first).to_be_visible()
            shoot(mine, "drivers-refused", view)
            give_back(theirs, address)


def waits(browser: Browser, address: str) -> None:
    """A place in the queue of a busy station, then one's turn."""
    with two_drivers(browser, address) as (mine, theirs):
        station = last_free_charger(mine, address)
        reserve(theirs, station)
        mine.goto(station)
        mine.get_by_role("button", name="Join the queue").click()
        expect(mine.locator("[data-place]")).to_be_visible()
        each_view(browser, address, "drivers-queue", "/queue/")
        give_back(theirs, address)
        expect(mine.locator("[data-turn]")).to_be_visible(timeout=30_000)
        each_view(browser, address, "drivers-turn", "/queue/")
        mine.get_by_role("button", name="Leave it to the next").click()


def failure(browser: Browser, address: str) -> None:
    """A charge that waits for its car, and one that did not start."""
    with page_for(browser, address, "demo", View()) as page:
        reserve(page, last_free_charger(page, address))
        page.goto(f"{address}/charge/")
        page.get_by_role("button", name="Charge", exact=True).click()
        expect(page.locator("[data-look=starting]")).to_be_visible()
        # A virtual driver plugs in soon: no time to look from everywhere.
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            shoot(page, "drivers-starting", View(scheme=scheme))
        page.locator("[data-look=starting] form button").click()
        expect(page.locator("#failed")).to_be_visible()
        each_view(browser, address, "drivers-failure", "/charge/")
        give_back(page, address)


def each_view(browser: Browser, address: str, name: str, path: str) -> None:
    """A page of the driver in all sizes, languages and colours."""
    for view in variants(name):
        with page_for(browser, address, "demo", view) as page:
            page.goto(address + path)
            shoot(page, name, view)


def preview(browser: Browser, address: str) -> None:
    """An order that cannot be kept, before it is saved."""
    for view in variants("grid-preview"):
        with page_for(browser, address, "dso1", view) as page:
            page.goto(f"{address}/grid/")
            expect(page.locator("#grid-map .leaflet-marker-icon").first).to_be_visible()
            page.locator("[data-select-all]").click()
            page.fill("[name=max_power_kw]", "1")
            page.locator("[name=keep_floor]").uncheck()
            expect(page.locator(".preview .verdict")).to_be_visible(timeout=60_000)
            expect(page.locator("#preview-chart [data-chart] canvas")).to_be_visible(timeout=60_000)
            if view.size == "phone":
                page.locator(".preview .verdict").scroll_into_view_if_needed()
            shoot(page, "grid-preview", view)


def order(browser: Browser, address: str) -> None:
    """A restriction with its charts, and its proof."""
    for view in variants("grid-order"):
        with page_for(browser, address, "dso1", view) as page:
            page.goto(f"{address}/grid/historical/")
            path = str(page.locator("tbody a[href*='/orders/']").first.get_attribute("href"))
            page.goto(address + path)
            expect(page.locator("[data-chart] canvas").first).to_be_visible()
            shoot(page, "grid-order", view)
            page.goto(f"{address}{path}ledger/")
            shoot(page, "grid-proof", view)


def campaign(browser: Browser, address: str) -> None:
    """An offer to drivers under way, in the console and as a driver reads it."""
    for view in variants("grid-campaign"):
        with page_for(browser, address, "dso1", view) as page:
            page.goto(f"{address}/grid/campaigns/")
            page.goto(address + str(page.locator("main tbody a").first.get_attribute("href")))
            shoot(page, "grid-campaign", view)
    for view in variants("drivers-offer"):
        with page_for(browser, address, "demo", view) as page:
            page.goto(f"{address}/charge/")
            page.goto(address + str(page.locator("a[href*='/offers/']").first.get_attribute("href")))
            shoot(page, "drivers-offer", view)


def transaction(browser: Browser, address: str) -> None:
    """The drawer of a running transaction."""
    for view in (View("desktop"), View("desktop", "de")):
        with page_for(browser, address, "cpo.hagedorn", view) as page:
            page.goto(f"{address}/dashboard/transactions/")
            page.locator("tbody a").first.click()
            expect(page.locator("#drawer [data-chart] canvas")).to_be_visible()
            shoot(page, "dashboard-transaction", view)


def check(browser: Browser, address: str) -> None:
    """A doubtful session that waits for a decision."""
    for view in variants("dashboard-check"):
        with page_for(browser, address, "cpo.hagedorn", view) as page:
            page.goto(f"{address}/dashboard/checks/")
            page.locator("tbody a").first.click()
            expect(page.locator("#drawer [data-chart] canvas")).to_be_visible()
            shoot(page, "dashboard-check", view)


CARDS = (("FLEET-HX-01", "FLEET-HX"), ("FLEET-HX-02", "FLEET-HX"), ("SERVICE-1", "SERVICE"), ("LOST-0042", ""))


def staff_at_work(browser: Browser, address: str) -> None:
    """Cards that were given out, a stranger at the door, and a session that nobody may have begun."""
    with page_for(browser, address, "cpo.hagedorn", View("desktop")) as page:
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
        with page_for(browser, address, "cpo.hagedorn", View("desktop")) as page:
            page.set_viewport_size({"width": 1440, "height": 1900})
            page.goto(f"{address}/dashboard/transactions/?q=BY-HAND-{version}")
            page.goto(address + str(page.locator("tbody a").first.get_attribute("href")))
            expect(page.locator("[data-chart] canvas").first).to_be_visible()
            shoot(page, f"dashboard-session-by-hand-{version}", View("desktop"))


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
    "drivers-refused": refused,
    "drivers-turn": waits,
    "drivers-failure": failure,
    "drivers-session": charge,
    "drivers-change": change,
    "drivers-receipt": receipt,
    "drivers-shared": shared,
    "grid-preview": preview,
    "grid-order": order,
    "grid-campaign": campaign,
    "dashboard-transaction": transaction,
    "dashboard-check": check,
    "dashboard-session-by-hand": by_hand,
}


def main() -> None:
    wanted = tuple(sys.argv[1:]) or ("",)
    OUT.mkdir(parents=True, exist_ok=True)
    with demo() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        waiting = browser.new_page()
        waiting.wait_for_timeout(LIVING_AFTER_MS)
        waiting.close()
        if any(name.startswith("dashboard") or not name for name in wanted):
            staff_at_work(browser, address)
        pages(browser, address, wanted)
        for name, scene in SCENES.items():
            if name.startswith(wanted):
                scene(browser, address)
        browser.close()


if __name__ == "__main__":
    main()
