"""Offers of the grid operator: which there are, what one earns, yes or no, and what is to happen with the next ones."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chargepoints.domain.errors import Refused
from drivers.forms.offers import PreferenceForm
from drivers.services import offers
from drivers.services.offers import Offer
from drivers.views.access import back, driver_required
from smac.services.campaigns import answering, preferences

REFUSED = 409


def own(request: HttpRequest, pk: int) -> Offer:
    """An offer that concerns the driver; others do not exist."""
    offer = offers.one(request.user, pk, now=timezone.now())
    if offer is None:
        raise Http404
    return offer


@driver_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All that concern the driver, and the standing preference."""
    context = {
        "offers": offers.of_driver(request.user, now=timezone.now()),
        "preference": PreferenceForm(initial={"choice": preferences.of_one(request.user)}),
        "section": "me",
    }
    return render(request, "drivers/offers.html", context)


@driver_required
@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One offer: what it wants, what it earns, and the answer."""
    return render(request, "drivers/offer.html", {"offer": own(request, pk), "section": "charge"})


@driver_required
@require_safe
def estimate(request: HttpRequest, pk: int) -> HttpResponse:
    """What the driver's own charge could do for it, as a fragment: two plans are made for that."""
    offer = own(request, pk)
    context: dict[str, Any] = {}
    if offer.is_open:
        try:
            promise = offers.estimate(campaign=offer.campaign, driver=request.user, now=timezone.now())
            context = {"promise": promise, "offer": offer}
        except Refused as error:
            context = {"refusal": str(error), "offer": offer}
    return render(request, "drivers/_offer_estimate.html", context)


@driver_required
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes part."""
    return _answer(request, pk, answering.opt_in, _("You take part. You can leave it at any time."))


@driver_required
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Does not take part, or no more."""
    return _answer(request, pk, answering.opt_out, _("You do not take part. Your charge stays as you wanted it."))


def _answer(request: HttpRequest, pk: int, answer: Callable[..., Any], done: str) -> HttpResponse:
    offer = own(request, pk)
    try:
        answer(campaign=offer.campaign, driver=request.user, now=timezone.now())
    except Refused as error:
        context = {"offer": own(request, pk), "error": error, "section": "charge"}
        return render(request, "drivers/offer.html", context, status=REFUSED)
    messages.success(request, done)
    return HttpResponseRedirect(reverse("drivers:offer", args=[pk]))


@driver_required
@require_POST
def prefer(request: HttpRequest) -> HttpResponse:
    """Keeps what is to happen with offers from now on."""
    form = PreferenceForm(request.POST)
    if form.is_valid():
        preferences.choose(driver=request.user, choice=form.cleaned_data["choice"], now=timezone.now())
        messages.success(request, _("Your choice is saved."))
    return HttpResponseRedirect(back(request, default=reverse("drivers:offers")))
