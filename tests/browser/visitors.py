"""People at their browsers, and the watch over what their pages do."""

import base64
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.utils import translation
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect

from tests.browser.waiting import PATIENCE_MS, until
from tests.servers import Stack

PHONE = (390, 844)
DESKTOP = (1440, 900)
# One pixel, as pale as a street map.
_A_TILE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGN48+4ZAAWKAsHJ189YAAAAAElFTkSuQmCC"
)
_COLOUR = """(element, what) => {
    const colour = getComputedStyle(element).getPropertyValue(what);
    if (!colour) return null;
    const context = new OffscreenCanvas(1, 1).getContext("2d");
    context.fillStyle = colour;
    context.fillRect(0, 0, 1, 1);
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""
_FRAMES_AT_MOST = 120
_BEYOND = """() => [...document.querySelectorAll("body *")]
    .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth)
    .map((one) => `${one.tagName}.${one.className}`).slice(0, 5).join(", ")"""
# htmx tells as an error that a request was taken back: the next letter of a search, a page that is left. A request that
# fails says htmx:sendError or htmx:responseError besides.
_TAKEN_BACK = ("htmx:sendAbort", "htmx:afterRequest")


class Visitors:
    """Opens pages in the roles of people. ``troubles`` is what no page may do, whoever opened it."""

    def __init__(self, new_context: Callable[..., BrowserContext], stack: Stack) -> None:
        self._new_context, self._stack = new_context, stack
        self.troubles: list[str] = []
        self.addresses: list[str] = []

    def page(self, person: Any = None, *, language: str = "en", size: tuple[int, int] = PHONE) -> Page:
        """A fresh browser of somebody who is logged in (None: of a stranger)."""
        width, height = size
        context = self._new_context(
            base_url=self._stack.url,
            viewport={"width": width, "height": height},
            locale=language,
            reduced_motion="reduce",
        )
        context.add_cookies(self._cookies(person, language))
        context.route(f"{settings.TILE_ORIGIN}/**", lambda route: route.fulfill(body=_A_TILE, content_type="image/png"))
        self._watch(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        return page

    def become(self, page: Page, person: Any, *, language: str = "en") -> None:
        """Somebody else logs in to the same browser."""
        page.context.add_cookies(self._cookies(person, language))

    def _cookies(self, person: Any, language: str) -> list[Any]:
        cookies = {"django_language": language}
        if person is not None:
            client = Client()
            client.force_login(person)
            cookies["sessionid"] = client.cookies["sessionid"].value
        return [{"name": name, "value": value, "url": self._stack.url} for name, value in cookies.items()]

    def _watch(self, context: BrowserContext) -> None:
        context.on("console", self._hear)
        context.on("weberror", lambda failure: self.troubles.append(f"script: {failure.error}"))
        context.on("request", self._follow)
        context.on("page", lambda page: page.on("websocket", lambda socket: self._judge(socket.url)))

    def _hear(self, message: ConsoleMessage) -> None:
        # Content-security violations arrive here as errors, too.
        if message.type == "error" and not message.text.startswith(_TAKEN_BACK):
            self.troubles.append(f"console: {message.text} ({message.location.get('url')})")

    def _follow(self, request: Request) -> None:
        self._judge(request.url)

    def _judge(self, address: str) -> None:
        self.addresses.append(address)
        parts = urlsplit(address)
        own = parts.netloc == urlsplit(self._stack.url).netloc or parts.scheme in ("data", "blob")
        if not own and f"{parts.scheme}://{parts.netloc}" != settings.TILE_ORIGIN:
            self.troubles.append(f"left this machine: {address}")


def alone(new_context: Callable[..., BrowserContext], url: str, person: Any) -> Page:
    """A browser on a phone at a server that only answers: nothing moves on it but what the test moves."""
    context = new_context(
        base_url=url, viewport={"width": PHONE[0], "height": PHONE[1]}, reduced_motion="reduce", service_workers="block"
    )
    context.route(f"{settings.TILE_ORIGIN}/**", lambda route: route.fulfill(body=_A_TILE, content_type="image/png"))
    if person is not None:
        client = Client()
        client.force_login(person)
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])
    page = context.new_page()
    page.route_web_socket("**/live/**", lambda socket: None)
    page.set_default_timeout(PATIENCE_MS)
    return page


def accessible(page: Page) -> None:
    """axe finds nothing on the page as it stands."""
    assert not (found := violations(page)), f"{page.url}\n{found}"


def violations(page: Page, **options: Any) -> str:
    """What axe finds on the page as it stands, in words; ``options`` are those of axe.run."""
    # Half a megabyte, which a page that has it already need not read again.
    axe = Axe("" if page.evaluate("Boolean(window.axe)") else AXE_SCRIPT)
    found = axe.run(page, options={"resultTypes": ["violations"], "preload": False, **options})
    return found.generate_report() if found.violations_count else ""


def in_view(page: Page) -> None:
    """Nothing is cut off or has to be scrolled to sideways, once the page has come to rest."""
    beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    wider = page.evaluate(beyond)
    for _frame in range(_FRAMES_AT_MOST):
        if wider <= 0:
            break
        page.evaluate("() => new Promise(requestAnimationFrame)")
        wider = page.evaluate(beyond)
    assert wider <= 0, f"{page.url} is {wider} pixels wider than the screen: {page.evaluate(_BEYOND)}"


def painted(element: Locator, what: str) -> tuple[int, int, int]:
    """A colour as people see it: red, green, blue, 0 to 255. ``what``: a property such as "background-color"."""
    # An element that is being replaced has no colour for a moment.
    red, green, blue = until(lambda: element.evaluate(_COLOUR, what), f"a colour of {what}")
    return red, green, blue


def words(language: str) -> Callable[[str], str]:
    """The product's own texts in a language."""

    def say(text: str) -> str:
        with translation.override(language):
            return translation.gettext(text)

    return say


__all__ = ["DESKTOP", "PHONE", "Visitors", "accessible", "expect", "in_view", "painted", "violations", "words"]
