"""What staff set of a charger: while offline, dialect, security profile, password."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from chargepoints.domain.errors import Refused
from chargepoints.models import ChargePoint, Operator
from chargepoints.requests import HtmxRequest
from chargepoints.services import offline, quirks, security
from dashboard.access import staff_required
from dashboard.answers import done
from dashboard.forms.charge_points import DialectForm, OfflineForm, ProfileForm
from dashboard.selectors import charge_points
from dashboard.views.registration import ocpp_url

Change = Callable[[HtmxRequest, ChargePoint, dict[str, Any]], str]


def _offline(request: HtmxRequest, row: ChargePoint, data: dict[str, Any]) -> str:
    offline.choose(charge_point=row, behaviour=data["behaviour"])
    return _("Kept. The charger is told as soon as it can be reached.")


def _dialect(request: HtmxRequest, row: ChargePoint, data: dict[str, Any]) -> str:
    name = data["name"]
    quirks.set_dialect(charge_point=row, name="" if name == DialectForm.FOUND else name)
    return _("The V2G dialect is changed.")


def _profile(request: HtmxRequest, row: ChargePoint, data: dict[str, Any]) -> str:
    if data["tell"]:
        now = timezone.now()
        security.upgrade_profile(charge_point=row, profile=data["profile"], now=now, requested_by=request.user)
        return _("The charger is told. It holds once it has come by it.")
    security.set_profile(charge_point=row, profile=data["profile"], allow_downgrade=data["allow_lower"])
    return _("The next connection has to come by this security profile.")


def _password(request: HtmxRequest, row: ChargePoint, data: dict[str, Any]) -> str:
    security.rotate_secret(charge_point=row, now=timezone.now(), requested_by=request.user)
    return _("The charger is told its new password. Until it has used it, both are good.")


CHANGES: dict[str, tuple[type[forms.Form], Change]] = {
    "offline": (OfflineForm, _offline),
    "dialect": (DialectForm, _dialect),
    "profile": (ProfileForm, _profile),
    "password": (forms.Form, _password),
}


@staff_required
@require_POST
def change(request: HtmxRequest, pk: int, what: str, operator: Operator) -> HttpResponse:
    """Change one thing and say so on the charger's page; a refusal is said there as well."""
    row = get_object_or_404(charge_points.of_operator(operator), pk=pk)
    kind, apply = CHANGES[what]
    address, form = reverse("dashboard:charge_point_setup", args=[row.pk]), kind(request.POST)
    try:
        if not form.is_valid():
            raise Refused(_("That cannot be chosen."))
        return done(request, address, apply(request, row, form.cleaned_data))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(address)


@staff_required
@require_POST
@never_cache
def new_password(request: HtmxRequest, pk: int, operator: Operator) -> HttpResponse:
    """A password to type into the charger by hand, shown this once; the old one is worth nothing from now on."""
    row = get_object_or_404(charge_points.of_operator(operator), pk=pk)
    context = {
        "operator": operator,
        "section": "locations",
        "charge_point": row,
        "secret": security.replace_secret(charge_point=row, now=timezone.now()),
        "url": ocpp_url(request),
        "is_replaced": True,
    }
    return render(request, "dashboard/secret.html", context)
