"""Registering a charger: a form, then its password, shown once."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chargepoints.models import Operator
from chargepoints.requests import HtmxRequest
from dashboard.access import staff_required
from dashboard.answers import UNPROCESSABLE
from dashboard.forms.charge_points import RegisterForm
from dashboard.services import registration


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def register(request: HtmxRequest, operator: Operator) -> HttpResponse:
    """The form, begun with the name of the charger that knocked; what it makes is told with the password."""
    if request.method != "POST":
        form = RegisterForm(initial={"identity": request.GET.get("identity", "")}, operator=operator)
        return _show(request, operator, form)
    form = RegisterForm(request.POST, operator=operator)
    if not form.is_valid():
        return _show(request, operator, form)
    charge_point, secret = registration.register(**form.wish())
    context = {
        "operator": operator,
        "section": "locations",
        "charge_point": charge_point,
        "secret": secret,
        "url": ocpp_url(request),
    }
    return render(request, "dashboard/secret.html", context)


def ocpp_url(request: HtmxRequest) -> str:
    """Where chargers connect, without their identity."""
    address = settings.PUBLIC_URL or request.build_absolute_uri("/")
    return f"{address.rstrip('/').replace('http', 'ws', 1)}/ocpp"


def _show(request: HtmxRequest, operator: Operator, form: RegisterForm) -> HttpResponse:
    context = {"operator": operator, "section": "locations", "form": form}
    return render(request, "dashboard/register.html", context, status=UNPROCESSABLE if form.is_bound else 200)
