"""Personal data, language, charge cards."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_http_methods, require_POST

from chargepoints.domain.errors import Refused
from chargepoints.models import IdToken
from drivers.forms.profile import CardForm, ProfileForm
from drivers.services import charge_cards, vapid
from drivers.views.access import driver_required

UNPROCESSABLE = 422


@driver_required
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The page, and saving of the personal data."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        with override(user.language):
            messages.success(request, _("Your data is saved."))
        return _speak(user.language, HttpResponseRedirect(reverse("drivers:me")))
    return _page(request, form=form)


def _speak(language: str, response: HttpResponse) -> HttpResponse:
    """The pages follow the choice, as they do at a log-in."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )
    return response


@driver_required
@require_POST
def add_card(request: HttpRequest) -> HttpResponse:
    """Enters a charge card."""
    form = CardForm(request.POST)
    if form.is_valid():
        try:
            charge_cards.add(driver=request.user, token=form.cleaned_data["token"])
            messages.success(request, _("The card is yours now."))
            return HttpResponseRedirect(reverse("drivers:me"))
        except Refused as error:
            form.add_error("token", str(error))
    return _page(request, card_form=form)


@driver_required
@require_POST
def block_card(request: HttpRequest, pk: int) -> HttpResponse:
    """Blocks a lost card, or takes the block back."""
    card = get_object_or_404(charge_cards.cards(request.user), pk=pk)
    blocked = card.status != IdToken.Status.BLOCKED
    charge_cards.set_blocked(card=card, blocked=blocked)
    messages.success(request, _("The card is blocked.") if blocked else _("The card works again."))
    return HttpResponseRedirect(reverse("drivers:me"))


@driver_required
@require_POST
def remove_card(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a card off the list that was never used."""
    card = get_object_or_404(charge_cards.cards(request.user), pk=pk)
    try:
        charge_cards.remove(card=card)
        messages.success(request, _("The card is removed."))
    except Refused as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("drivers:me"))


def _page(request: HttpRequest, **forms: Any) -> HttpResponse:
    wrong = any(form.errors for form in forms.values() if form.is_bound)
    context = {
        "form": forms.get("form") or ProfileForm(instance=request.user),
        "card_form": forms.get("card_form") or CardForm(),
        "cards": charge_cards.cards(request.user),
        "push_key": vapid.public_key(),
        "section": "me",
    }
    return render(request, "drivers/me.html", context, status=UNPROCESSABLE if wrong else 200)
