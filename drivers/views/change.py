"""Changing a session that runs: the form, the new quote, the change."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chargepoints.domain.errors import Refused
from drivers.forms.change import ChangeForm
from drivers.models import ChargeSession
from drivers.services import changing
from drivers.views.access import driver_required
from drivers.views.session import own

UNPROCESSABLE = 422
REFUSED = 409
_MINUTES = (30, 60, 120, 240)


@driver_required
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The form as it stands; sent, it changes the session."""
    session, now = own(request, pk), timezone.now()
    form = ChangeForm(request.POST if request.method == "POST" else None, session=session, now=now)
    if request.method != "POST":
        return _form(request, session, form)
    if not form.is_valid():
        return _form(request, session, form, status=UNPROCESSABLE)
    try:
        changing.apply(change=form.change, now=now)
    except Refused as refusal:
        return _form(request, session, form, status=REFUSED, refusal=refusal)
    messages.success(request, _("Changed. A new plan is on its way."))
    return HttpResponseRedirect(reverse("drivers:charge"))


@driver_required
@require_POST
def quote(request: HttpRequest, pk: int) -> HttpResponse:
    """What the change would cost and bring; a fragment under the form."""
    session, now = own(request, pk), timezone.now()
    form = ChangeForm(request.POST, session=session, now=now)
    if not form.is_valid():
        return render(request, "drivers/_quote_missing.html", {"form": form})
    try:
        offer = changing.quote(change=form.change, now=now)
    except Refused as refusal:
        return render(request, "drivers/_quote_missing.html", {"error": refusal})
    context = {"offer": offer, "session": session, "sentence": changing.sentence(offer=offer, session=session)}
    return render(request, "drivers/_change_quote.html", context)


@driver_required
@require_POST
def stop_giving_back(request: HttpRequest, pk: int) -> HttpResponse:
    """From now on the battery only charges."""
    try:
        changing.stop_giving_back(session=own(request, pk), now=timezone.now())
        messages.success(request, _("Your battery gives nothing back from now on."))
    except Refused as refusal:
        messages.info(request, str(refusal))
    return HttpResponseRedirect(reverse("drivers:charge"))


def _form(
    request: HttpRequest, session: ChargeSession, form: ChangeForm, *, status: int = 200, refusal: object = ""
) -> HttpResponse:
    context = {"session": session, "form": form, "refusal": refusal, "minute_choices": _MINUTES, "section": "charge"}
    return render(request, "drivers/change.html", context, status=status)
