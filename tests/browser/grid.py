"""What grid operators do again and again in these stories."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from playwright.sync_api import Locator, Page

from chargepoints.models import ChargePoint, ChargePointGroup
from tests.browser.visitors import expect, words

MOMENT = "%Y-%m-%dT%H:%M"


def group(name: str, *rows: ChargePoint, parent: ChargePointGroup | None = None) -> ChargePointGroup:
    made = ChargePointGroup.objects.create(name=name, parent=parent)
    made.charge_points.set(rows)
    return made


def open_map(page: Page, points: int) -> Locator:
    """The Status tab with its points drawn; the pins."""
    page.goto("/grid/")
    pins = page.locator("#grid-map .leaflet-marker-pane .pin")
    expect(pins).to_have_count(points)
    return pins


def fill(page: Page, *, limit_kw: float, starts_at: datetime, ends_at: datetime, floor: bool = False) -> None:
    """The order form; the window in aware times of the place."""
    page.get_by_label("Max. power to vehicles").fill(f"{limit_kw:g}")
    page.get_by_label("Start", exact=True).fill(starts_at.strftime(MOMENT))
    page.get_by_label("End", exact=True).fill(ends_at.strftime(MOMENT))
    page.get_by_label("Leave every point a floor").set_checked(floor)


def save(page: Page) -> Locator:
    """Press Save; the info message."""
    page.get_by_role("button", name="Save", exact=True).click()
    message = page.get_by_role("dialog", name=words("en")("The restriction is saved"))
    expect(message).to_be_visible()
    return message


def restrict_all(page: Page, *, limit_kw: float) -> None:
    """A mandatory limit for every point of the operator, for two hours from now on."""
    page.goto("/grid/")
    page.get_by_role("button", name="Select all", exact=True).click()
    expect(page.locator("#chosen li")).not_to_have_count(0)
    now = local_now()
    fill(page, limit_kw=limit_kw, starts_at=now, ends_at=now + timedelta(hours=2))
    save(page).get_by_role("button", name="Close").last.click()


def local_now() -> datetime:
    """This minute, in the zone of the place."""
    return timezone.now().astimezone(ZoneInfo("Europe/Berlin"))
