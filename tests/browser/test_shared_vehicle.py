"""A shared vehicle is booked, and charged while it is the driver's."""

import re
from datetime import timedelta

from django.utils import timezone

from drivers.models import VehicleBooking
from tests import factories
from tests.browser import steps, world
from tests.browser.hardware import Hardware
from tests.browser.visitors import Visitors, accessible, expect, in_view

HOUR = timedelta(hours=1)


def test_a_shared_vehicle_is_booked_by_the_hour_and_used_in_a_charge(hardware: Hardware, visitors: Visitors) -> None:
    ann, lender = factories.driver("ann"), factories.driver("lender")
    card = factories.id_token(ann, "CARDOFANN")
    shared = {"brand": "Nissan", "model": "Leaf", "plate": "HX V2G 1E", "battery_capacity_wh": world.CAPACITY_WH}
    car = factories.vehicle(lender, is_shared=True, **shared)
    [charger] = hardware.connect(world.station("At home", owner=ann))
    page = visitors.page(ann)
    page.goto("/charge/")
    page.get_by_role("link", name="Book a shared vehicle").click()
    page.get_by_role("link", name="Day after").click()
    page.wait_for_url(re.compile(r"[?&]day="))
    hours = page.locator("input[name=hours]")
    hours.nth(10).check(force=True)
    hours.nth(12).check(force=True)
    expect(hours.nth(11)).to_be_checked()
    accessible(page)
    in_view(page)
    page.get_by_role("button", name=re.compile("^Reserve")).click()
    expect(page.locator("#vehicle-bookings li")).to_contain_text("CARDOFANN")
    booking = VehicleBooking.objects.get()
    assert (booking.vehicle, booking.driver, booking.id_token) == (car, ann, card)
    assert booking.ends_at - booking.starts_at == 3 * HOUR

    VehicleBooking.objects.update(starts_at=timezone.now() - HOUR, ends_at=timezone.now() + 2 * HOUR)
    steps.charge(page, charger, soc=40, target=60, mode="fast", minutes=60)
    expect(page.locator("#session-card")).to_contain_text("Nissan Leaf")
    session = steps.the_session(ann)
    assert (session.vehicle, session.need.battery_capacity_wh) == (car, world.CAPACITY_WH)
