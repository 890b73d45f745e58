"""The driver's own charge points: the list, the form, and how to point a charger here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chargepoints.domain.errors import Refused
from chargepoints.models import ChargePoint
from drivers.forms.home_charger import HomeChargerForm
from drivers.services import private_points
from drivers.views.access import driver_required

UNPROCESSABLE = 422
# Where the map begins for somebody who has no place yet.
_START = {"latitude": 51.8700, "longitude": 9.0900}


@driver_required
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The list."""
    return render(request, "drivers/charge_points.html", {"points": private_points.points(request.user), **_SECTION})


@driver_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def add(request: HttpRequest) -> HttpResponse:
    """A new charger; what it makes is told with the password, once."""
    form = HomeChargerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            point, secret = private_points.add(driver=request.user, wish=form.wish())
            return _tell_password(request, point, secret)
        except Refused as error:
            form.add_error("identity" if error.code == "identity" else None, str(error))
    return _form(request, form)


@driver_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """What is known of it, whether it is connected, and how to point it here."""
    point = _mine(request, pk)
    form = HomeChargerForm(request.POST or None, point=point)
    if request.method == "POST" and form.is_valid():
        private_points.change(driver=request.user, point=point, wish=form.wish())
        messages.success(request, _("Your charge point is saved."))
        return HttpResponseRedirect(reverse("drivers:charge-points"))
    return _form(request, form)


@driver_required
@require_safe
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Whether it has connected; a fragment that refreshes itself."""
    point = _mine(request, pk)
    return render(request, "drivers/_charge_point_link.html", {"point": point, **_link_of(request, point)})


@driver_required
@require_POST
@never_cache
def new_password(request: HttpRequest, pk: int) -> HttpResponse:
    """A password to type in; the old one is worth nothing then."""
    point = _mine(request, pk)
    return _tell_password(request, point, private_points.new_password(point=point, now=timezone.now()))


@driver_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes it off the list."""
    try:
        private_points.remove(point=_mine(request, pk), now=timezone.now())
        messages.success(request, _("The charge point is removed."))
    except Refused as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("drivers:charge-points"))


_SECTION = {"section": "me"}


def _mine(request: HttpRequest, pk: int) -> ChargePoint:
    return get_object_or_404(private_points.points(request.user), pk=pk)


def _link_of(request: HttpRequest, point: ChargePoint) -> dict[str, Any]:
    return {"url": _ocpp_url(request), "refusals": private_points.refusals(point), "now": timezone.now()}


def _ocpp_url(request: HttpRequest) -> str:
    """Where chargers connect, without their identity."""
    address = settings.PUBLIC_URL or request.build_absolute_uri("/")
    return f"{address.rstrip('/').replace('http', 'ws', 1)}/ocpp"


def _tell_password(request: HttpRequest, point: ChargePoint, secret: str) -> HttpResponse:
    context = {"point": point, "secret": secret, **_link_of(request, point), **_SECTION}
    return render(request, "drivers/charge_point_password.html", context)


def _form(request: HttpRequest, form: HomeChargerForm) -> HttpResponse:
    point = form.point
    at = {name: form[name].value() or start for name, start in _START.items()}
    context = {"form": form, "point": point, "at": at, **_SECTION, **(_link_of(request, point) if point else {})}
    return render(request, "drivers/charge_point.html", context, status=UNPROCESSABLE if form.errors else 200)
