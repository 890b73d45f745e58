"""Every page of the drivers' app in each of its states, one after the other, in one browser.

The rows are put there by hand: what leads to a state is shown by the stories of TWINEV_DRVR_*, here it is looked at.
Each function is a part of the walk; it stops wherever there is something to look at.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone
from playwright.sync_api import Page

from chargepoints.models import ChargePoint, Connector, Evse, IdToken
from drivers.models import HomeCharger, Notice, Vehicle, VehicleBooking
from drivers.services import notices
from tests import factories
from tests.browser import world
from tests.browser.visitors import expect
from tests.browser.waiting import beside

HOUR = timedelta(hours=1)
# The names of what there is to look at, each while it is on the page.
Seen = Iterator[str]


class Cast:
    """Two free stations, one in use and one that is not reachable; Ann, who drives."""

    def __init__(self) -> None:
        operator = factories.operator("Steinheim Mobil")
        self.now = timezone.now()
        self.free = self._station("Markt", operator)
        self.other = self._station("Rathaus", operator, km_north=0.5)
        self.busy = self._station("Bahnhof", operator, km_north=1)
        self.gone = self._station("Hafen", operator, km_north=2)
        factories.transaction(self.busy.evses.get(), factories.driver("guest"), started_at=self.now)
        ChargePoint.objects.exclude(pk=self.gone.pk).update(connection_key="link", last_heard_at=self.now)
        self.ann = factories.driver("ann")

    def _station(self, name: str, operator: Any, km_north: float = 0) -> ChargePoint:
        row = world.station(name, of=operator, km_north=km_north)
        for evse in row.evses.all():
            evse.connectors.update(status=Connector.Status.AVAILABLE)
        return row

    @property
    def evse(self) -> Evse:
        """That of the first free station."""
        return Evse.objects.select_related("charge_point__supply_point__location").get(charge_point=self.free)

    def car(self) -> Vehicle:
        return factories.vehicle(self.ann, battery_capacity_wh=world.CAPACITY_WH, plate="HX-AN 1")


def go(page: Page, path: str) -> None:
    """To a page of which nothing but pictures is still to come."""
    page.goto(path, wait_until="domcontentloaded")


# --- strangers ----------------------------------------------------------


def of_strangers(page: Page, cast: Cast) -> Seen:
    for path in ("/", "/stations/", "/stations/?words=nowhere", f"/stations/{cast.free.pk}/", "/stations/99999999/"):
        go(page, path)
        yield path
    for path in ("/terms/", "/terms/?version=1", "/offline/", "/nowhere/", "/accounts/login/", "/accounts/signup/"):
        go(page, path)
        yield path
    go(page, "/accounts/login/")
    page.get_by_label("Password", exact=True).fill("wrong")
    page.locator("[name=username]").fill("ann")
    page.locator("[name=username]").press("Enter")
    expect(page.locator(".notice--error, .field__errors, [role=alert]").first).to_be_visible()
    yield "a log-in that is refused"
    for template in ("500.html", "403.html", "400.html"):
        with _answered(page, "/broken/", render_to_string(template)):
            go(page, "/broken/")
            yield template


@contextmanager
def _answered(page: Page, path: str, body: str, status: int = 500) -> Iterator[None]:
    """The server's answer to an address is this one."""
    address = f"**{path}"
    page.route(address, lambda route: route.fulfill(status=status, body=body, content_type="text/html"))
    yield
    page.unroute(address)


# --- somebody new -------------------------------------------------------


def of_a_new_driver(page: Page, cast: Cast) -> Seen:
    cast.ann.terms_acceptances.all().delete()
    for path in ("/", "/terms/", "/me/data/"):
        go(page, path)
        yield f"{path} before the terms"
    go(page, "/terms/")
    page.get_by_role("button", name="I accept").click()
    page.wait_for_url(lambda url: "/terms/" not in url)
    yield "the map without a vehicle"
    for path in ("/terms/", "/charge/", "/charge/history/", "/bookings/", "/bookings/?status=done", "/vehicles/"):
        go(page, path)
        yield f"{path} with nothing in it"
    for path in ("/vehicles/shared/", "/me/", "/me/charge-points/", "/notices/", "/queue/"):
        go(page, path)
        yield f"{path} with nothing in it"


# --- what is a driver's own ---------------------------------------------


def of_own_things(page: Page, cast: Cast) -> Seen:
    yield from _vehicles(page, cast)
    yield from _profile(page, cast)
    yield from _own_charge_points(page, cast)
    yield from _shared_vehicles(page, cast)
    _notices(cast)
    for path in ("/notices/", "/me/data/"):
        go(page, path)
        yield path
    page.get_by_role("button", name="Withdraw my consent").click()
    yield "the question whether to withdraw"


def _vehicles(page: Page, cast: Cast) -> Seen:
    go(page, "/vehicles/add/")
    yield "a new vehicle"
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".field__errors").first).to_be_visible()
    yield "a vehicle that is not complete"
    car = cast.car()
    go(page, "/vehicles/")
    yield "vehicles"
    go(page, f"/vehicles/{car.pk}/")
    page.get_by_role("button", name="Remove").click()
    yield "the question whether to remove a vehicle"


def _profile(page: Page, cast: Cast) -> Seen:
    for token, status in (("CARD-OF-ANN", IdToken.Status.ACTIVE), ("CARD-LOST", IdToken.Status.BLOCKED)):
        IdToken.objects.filter(pk=factories.id_token(cast.ann, token).pk).update(status=status)
    go(page, "/me/")
    yield "a profile with cards"
    page.get_by_label("Number of the card").fill("?")
    page.get_by_label("Number of the card").press("Enter")
    expect(page.locator(".field__errors").first).to_be_visible()
    yield "a card that is none"


def _own_charge_points(page: Page, cast: Cast) -> Seen:
    go(page, "/me/charge-points/add/")
    yield "a new charge point"
    page.get_by_role("button", name="Add and show the password").click()
    expect(page.locator(".field__errors").first).to_be_visible()
    yield "a charge point that is not complete"
    point = factories.charge_point(owner=cast.ann, identity="WALLBOX-7")
    HomeCharger.objects.create(charge_point=point)
    go(page, "/me/charge-points/")
    yield "charge points"
    go(page, f"/me/charge-points/{point.pk}/")
    page.get_by_text("Point your charger here").click()
    yield "a charge point that is connected"
    page.get_by_role("button", name="New password").click()
    expect(page.locator("#secret")).to_be_visible()
    yield "a password that is shown once"
    ChargePoint.objects.filter(pk=point.pk).update(connection_key="", last_heard_at=cast.now - HOUR)
    go(page, f"/me/charge-points/{point.pk}/")
    page.get_by_role("button", name="Remove").click()
    yield "the question whether to remove a charge point"
    ChargePoint.objects.filter(pk=point.pk).delete()


def _shared_vehicles(page: Page, cast: Cast) -> Seen:
    car = factories.vehicle(factories.driver("lender"), is_shared=True, brand="Nissan", model="Leaf")
    day = (cast.now + timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    mine = {"vehicle": car, "driver": cast.ann, "id_token": cast.ann.id_tokens.first()}
    VehicleBooking.objects.create(starts_at=day, ends_at=day + HOUR, **mine)
    VehicleBooking.objects.create(starts_at=day - 72 * HOUR, ends_at=day - 71 * HOUR, **mine)
    go(page, "/vehicles/shared/")
    page.get_by_role("link", name="Day after").click()
    page.wait_for_url(lambda url: "day=" in url)
    yield "the hours of a shared vehicle"
    page.get_by_role("button", name="Reserve").click()
    expect(page.locator(".field__errors").first).to_be_visible()
    yield "no hours were chosen"


def _notices(cast: Cast) -> None:
    about: dict[str, str | int] = {"station": "Markt", "energy_wh": 7_000, "until": cast.now.isoformat()}
    for kind in Notice.Kind:
        beside(notices.tell, user=cast.ann, kind=kind, about=about, path="/charge/", now=cast.now)
