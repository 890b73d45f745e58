"""``{% load offers %}``: the grid operator's offers on the Charge screen, in the profile and on receipts."""

from decimal import Decimal

from django import template
from django.utils import timezone

from drivers.forms.offers import PreferenceForm
from drivers.models import ChargeSession
from drivers.services import offers
from drivers.services.offers import Offer
from smac.models import Participation
from smac.services.campaigns import preferences

register = template.Library()


@register.simple_tag(takes_context=True)
def open_offers(context: template.Context) -> list[Offer]:
    """Offers that wait for the driver's answer, or hold for the driver."""
    return offers.on_card(context["request"].user, now=timezone.now())


@register.simple_tag(takes_context=True)
def preference_form(context: template.Context) -> PreferenceForm:
    """The driver's standing preference."""
    return PreferenceForm(initial={"choice": preferences.of_one(context["request"].user)})


@register.simple_tag
def participations_of(session: ChargeSession) -> list[Participation]:
    """The offers that a session took part in."""
    return offers.of_need(session.need)


@register.simple_tag
def less_incentives(total: Decimal, currency: str, rows: list[Participation]) -> Decimal | None:
    """What remains of a cost after what offers paid; None where nothing was paid in its currency."""
    paid = [row.incentive for row in rows if row.incentive and row.campaign.currency == currency]
    return total - sum(paid, Decimal(0)) if paid else None
