"""The pages of offers, and what they leave on receipts."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from drivers.models import ChargeSession
from drivers.services import lifecycle
from smac.models import Campaign, OfferPreference, Participation
from smac.services import needs
from smac.services.campaigns import answering, settling
from tests.factories import NOW, minutes
from tests.smac import world
from tests.smac.services.campaigns.conftest import END, START, campaign, metered

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer(charging: ChargeSession) -> Campaign:
    """An offer where the driver charges by the cheapest hour."""
    world.prices((NOW - world.HOUR, 0.30), (START, 0.10), (END, 0.20))
    assert charging.transaction is not None
    needs.attach(transaction=charging.transaction, now=NOW)
    needs.change_need(
        need=charging.need,
        changes={"mode": "cheap", "target_soc_percent": 60, "departure_at": NOW + minutes(240)},
        now=NOW,
    )
    return campaign(charging.evse.charge_point)


def page(client: Client, name: str, *names: Any) -> str:
    response = client.get(reverse(f"drivers:{name}", args=names))
    assert response.status_code == 200
    return response.content.decode()


def test_the_offer_says_what_it_pays_and_what_the_own_charge_would_earn(mine: Client, offer: Campaign) -> None:
    shown = page(mine, "offer", offer.pk)
    for text in ("Charge less from 14:00 to 15:00", "€0.500/kWh", "Take part", "No, thanks"):
        assert text in shown
    shown = page(mine, "offer-estimate", offer.pk)
    for text in ("€2.50", "5.0\u00a0kWh", "Battery and departure stay as you wanted them."):
        assert text in shown


def test_yes_and_no_are_kept_and_shown(mine: Client, driver: Any, offer: Campaign) -> None:
    answer = mine.post(reverse("drivers:offer-accept", args=[offer.pk]), follow=True)
    assert "You take part. You can leave it at any time." in answer.content.decode()
    assert Participation.objects.get().promised_wh == 5_000
    assert "You take part: up to €2.50." in page(mine, "charge")
    mine.post(reverse("drivers:offer-decline", args=[offer.pk]))
    assert Participation.objects.get().state == "out"
    assert "Take part" in page(mine, "offer", offer.pk)
    assert "Charge less from" not in page(mine, "charge")


def test_a_refusal_is_told_on_the_page(mine: Client, offer: Campaign) -> None:
    Campaign.objects.update(ends_at=NOW + minutes(75), wanted_w=100)
    answer = mine.post(reverse("drivers:offer-accept", args=[offer.pk]))
    assert answer.status_code == 409
    assert not Participation.objects.exists()


def test_a_stranger_finds_no_offer(theirs: Client, offer: Campaign) -> None:
    for name in ("offer", "offer-estimate"):
        assert theirs.get(reverse(f"drivers:{name}", args=[offer.pk])).status_code == 404
    for name in ("offer-accept", "offer-decline"):
        assert theirs.post(reverse(f"drivers:{name}", args=[offer.pk])).status_code == 404
    assert "Charge less from" not in page(theirs, "offers")
    assert not Participation.objects.exists()


def test_the_standing_choice_is_made_in_the_profile(mine: Client, driver: Any) -> None:
    assert "When the grid operator makes an offer" in page(mine, "me")
    answer = mine.post(reverse("drivers:offer-preference"), {"choice": "always", "next": "/me/"})
    assert answer.headers["Location"] == "/me/"
    assert OfferPreference.objects.get(driver=driver).choice == "always"
    mine.post(reverse("drivers:offer-preference"), {"choice": "whenever", "next": "https://evil.example/"})
    assert OfferPreference.objects.get(driver=driver).choice == "always"


def test_the_receipt_has_a_line_of_its_own(
    mine: Client, driver: Any, charging: ChargeSession, offer: Campaign, as_user: Callable[[Any], Client]
) -> None:
    answering.opt_in(campaign=offer, driver=driver, now=NOW)
    assert "up to −€2.50" in page(mine, "session-receipt", charging.pk)
    row = charging.transaction
    assert row is not None
    metered(row, 0, 0, 0, 0, 6_000, 6_000, 6_000, 6_000)
    settling.settle(campaign=offer, now=END + settling.GRACE)
    row.refresh_from_db()
    type(row).objects.filter(pk=row.pk).update(state="ended", ended_at=END)
    lifecycle.transaction_ended(transaction_id=row.pk, now=END)
    shown = page(mine, "session-receipt", charging.pk)
    for text in ("Offer of the grid operator", "5.00\u00a0kWh moved", "−€2.50", "Total less the offer"):
        assert text in shown
    charging.refresh_from_db()
    row.refresh_from_db()
    # The operator of the charger is paid in full: the incentive is the grid operator's.
    assert row.cost_amount == Decimal("3.00")
    assert "€0.50" in shown


def test_without_an_offer_the_receipt_is_as_ever(mine: Client, charging: ChargeSession) -> None:
    shown = page(mine, "session-receipt", charging.pk)
    assert "Offer of the grid operator" not in shown
    assert "Total less the offer" not in shown
