"""TWINEV_DRVR_6: automatic stop of a charge session."""

from datetime import timedelta

import pytest
from django.utils import timezone

from drivers.models import ChargeSession
from tests.browser import steps, world
from tests.browser.hardware import Hardware
from tests.browser.visitors import Visitors, accessible, expect

TEN_MINUTES_S = 600


@pytest.mark.parametrize("language", ["el"])
def test_twinev_drvr_6_the_charge_ends_by_itself_at_its_planned_end(
    language: str, hardware: Hardware, visitors: Visitors
) -> None:
    row = world.station("Markt", price="0.30")
    [charger] = hardware.connect(row)
    page = visitors.page(world.driver_with_car(), language=language)
    steps.reserve(page, row, language)
    steps.charge(page, charger, soc=40, mode="fast", minutes=120, language=language)
    steps.wait_for_plan(charger)
    charger.pass_time(TEN_MINUTES_S)

    # A stay of two hours is over at last.
    ChargeSession.objects.update(planned_end_at=timezone.now() + timedelta(seconds=1))
    page.goto("/charge/")
    expect(page.locator("#session-card")).to_be_visible()
    charger.wait_for(lambda one: one.evse().session is None)
    assert charger.machine.power_w() == 0
    steps.summary_is_real(page, language)
    accessible(page)
