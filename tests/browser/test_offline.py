"""The app on a phone: installable, open without a connection, and woken by a push.

No push service can be reached from a test, and Chromium subscribes at its maker's alone. So the way of a push is shown
in two halves that meet in the message: tests/drivers/services/test_push.py sends it, encrypted, to a server that stands
for the push service, and opens it with the browser's keys; here Chromium is handed such a message as if it had come
from its push service, and our worker shows it.
"""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import CDPSession, Page

from drivers.models import Notice
from drivers.services import notices, push
from tests.browser import world
from tests.browser.visitors import Visitors, accessible, expect
from tests.browser.waiting import until
from tests.servers import Stack

# A private window cannot install anything; that is no fault of the app.
_OF_THE_TEST_ITSELF = {"in-incognito"}
_NO_SERVER = ("ERR_", "WebSocket", "htmx:sendError")
_COPY = """async (path) => {
    const copy = await (await caches.open("twinev-pages")).match(path);
    return copy ? copy.text() : null;
}"""
_SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
    .map((one) => ({title: one.title, body: one.body, path: one.data.path}))"""


@pytest.fixture
def ann(transactional_db: None) -> Any:
    return world.driver_with_car("ann", plate="HX-AN 1")


def opened(page: Page, path: str) -> None:
    """Opens a page and waits until the worker keeps a copy of it."""
    page.goto(path)
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    until(lambda: page.evaluate(_COPY, path), f"a copy of {path}")


def quiet(visitors: Visitors) -> None:
    """A browser that finds no server says so in its console."""
    visitors.troubles[:] = [one for one in visitors.troubles if not any(word in one for word in _NO_SERVER)]


def test_without_a_connection_the_app_opens_with_what_was_seen_last_and_says_so(
    ann: Any, visitors: Visitors, live_stack: Stack
) -> None:
    page = visitors.page(ann)
    for path in ("/", "/vehicles/"):
        opened(page, path)
    expect(page.locator("#offline-bar")).to_be_hidden()
    live_stack.stop()
    page.goto("/vehicles/")
    expect(page.locator("main")).to_contain_text("HX-AN 1")
    expect(page.locator("#offline-bar")).to_contain_text("What you see is from:")
    accessible(page)
    page.goto("/")
    expect(page.locator("#search-form")).to_be_attached()
    expect(page.locator("#offline-bar")).to_be_visible()
    page.goto("/bookings/")
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    page.goto("/vehicles/")
    live_stack.start()
    expect(page.locator("#offline-bar")).to_be_hidden()
    expect(page.locator("html:not([data-copied-at])")).to_be_attached()
    quiet(visitors)


def test_nobody_finds_a_copy_of_what_is_anothers(ann: Any, visitors: Visitors) -> None:
    page = visitors.page(ann)
    opened(page, "/vehicles/")
    ben = world.driver_with_car("ben-the-second", plate="HX-BE 2")
    visitors.become(page, ben)
    opened(page, "/me/")
    assert page.evaluate(_COPY, "/vehicles/") is None
    opened(page, "/vehicles/")
    page.goto("/me/")
    page.locator("form[action='/accounts/logout/']").last.get_by_role("button").click()
    page.wait_for_url("**/")
    until(lambda: page.evaluate(_COPY, "/vehicles/") is None, "the copy is gone")
    texts = [page.evaluate(_COPY, path) or "" for path in ("/", "/me/", "/vehicles/")]
    assert not any("HX-BE 2" in text or "ben-the-second" in text for text in texts)


def test_chromium_can_install_the_app_and_shows_what_is_pushed(ann: Any, visitors: Visitors, live_stack: Stack) -> None:
    page = visitors.page(ann)
    page.context.grant_permissions(["notifications"], origin=live_stack.url)
    devtools = page.context.new_cdp_session(page)
    registrations: list[str] = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: _note(registrations, event))
    devtools.send("ServiceWorker.enable")
    opened(page, "/me/")
    assert devtools.send("Page.getAppManifest")["errors"] == []
    faults = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {fault["errorId"] for fault in faults} <= _OF_THE_TEST_ITSELF

    until(lambda: page.evaluate("1") and registrations, "Chromium knows the worker")
    now = timezone.now()
    about: dict[str, str | int] = {"station": "Markt", "until": (now + timedelta(minutes=5)).isoformat()}
    notice = notices.tell(user=ann, kind=Notice.Kind.TURN, about=about, path="/charge/", now=now)
    _deliver(devtools, live_stack, registrations[-1], json.dumps(push.message(notice)))
    until(lambda: page.evaluate(_SHOWN), "the notification")
    [shown] = page.evaluate(_SHOWN)
    assert (shown["title"], shown["path"]) == ("It is your turn", "/charge/")
    assert shown["body"].startswith("Markt. The charger is kept for you until")

    # One that nobody can read is shown all the same: browsers take the right away from those who show nothing.
    _deliver(devtools, live_stack, registrations[-1], "{broken")
    until(lambda: len(page.evaluate(_SHOWN)) == 2, "the other notification")
    assert {"title": "TwinEV", "body": "", "path": "/notices/"} in page.evaluate(_SHOWN)


def test_where_push_is_refused_the_profile_says_so_and_the_bell_tells(ann: Any, visitors: Visitors) -> None:
    about: dict[str, str | int] = {"station": "Markt"}
    notices.tell(user=ann, kind=Notice.Kind.STATION_FREE, about=about, path="/", now=timezone.now())
    page = visitors.page(ann)
    _refuse_notifications(page)
    page.goto("/me/")
    expect(page.locator("[data-push]")).to_have_attribute("data-state", "denied")
    expect(page.locator("[data-push-on]")).to_be_hidden()
    expect(page.locator("#push [role=status]")).to_contain_text("bell")
    accessible(page)
    page.locator("#bell a").click()
    expect(page.locator("[data-kind=station_free]")).to_contain_text("Markt")
    accessible(page)
    until(lambda: notices.unread_count(ann) == 0, "the notice is read")
    page.reload()
    expect(page.locator("#bell")).not_to_contain_text("new")


def _refuse_notifications(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    context = devtools.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
    wish = {"permission": {"name": "notifications"}, "setting": "denied", "browserContextId": context}
    devtools.send("Browser.setPermission", wish)


def _note(registrations: list[str], event: Any) -> None:
    registrations.extend(one["registrationId"] for one in event["registrations"] if not one["isDeleted"])


def _deliver(devtools: CDPSession, stack: Stack, registration: str, data: str) -> None:
    message = {"origin": stack.url, "registrationId": registration, "data": data}
    devtools.send("ServiceWorker.deliverPushMessage", message)
