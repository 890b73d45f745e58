"""Shared vehicles: the hours of a day, booking, the own bookings."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chargepoints.domain.errors import Refused
from drivers.forms.shared import SharedChoice, SharedForm
from drivers.models import Vehicle, VehicleBooking
from drivers.services import sharing
from drivers.views.access import back, driver_required

UNPROCESSABLE = 422
REFUSED = 409
_EARLIER = 5
_DAY = timedelta(days=1)


@driver_required
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """A day of a shared vehicle, as a grid of hours; sent, it books them."""
    now = timezone.now()
    choice = SharedChoice(request.POST or request.GET)
    form = SharedForm(request.POST or None, driver=request.user, now=now)
    if request.method != "POST":
        return render(request, "drivers/shared.html", _context(request, choice, form, now))
    if not form.is_valid():
        return render(request, "drivers/shared.html", _context(request, choice, form, now), status=UNPROCESSABLE)
    try:
        _book(request, form, now)
    except Refused as refusal:
        context = _context(request, choice, form, now) | {"refusal": refusal}
        return render(request, "drivers/shared.html", context, status=REFUSED)
    messages.success(request, _("The vehicle is booked. Your charge card opens it."))
    return HttpResponseRedirect(reverse("drivers:shared"))


def _book(request: HttpRequest, form: SharedForm, now: datetime) -> None:
    data = form.cleaned_data
    starts_at, ends_at = data["hours"]
    sharing.book(
        vehicle=data["vehicle"],
        driver=request.user,
        id_token=data["id_token"],
        starts_at=starts_at,
        ends_at=ends_at,
        now=now,
    )


def _context(request: HttpRequest, choice: SharedChoice, form: SharedForm, now: datetime) -> dict[str, Any]:
    ahead = list(sharing.ahead(request.user, now))
    vehicle = choice.wanted
    return {
        "form": form,
        "vehicles": sharing.vehicles(),
        "vehicle": vehicle,
        "has_card": sharing.cards(request.user, now).exists(),
        "ahead": _placed(ahead),
        "earlier": _placed(sharing.mine(request.user).exclude(pk__in=[booking.pk for booking in ahead])[:_EARLIER]),
        "now": now,
        "section": "bookings",
        **(_day(request, vehicle, choice, now) if vehicle else {}),
    }


def _placed(bookings: Iterable[VehicleBooking]) -> list[tuple[VehicleBooking, ZoneInfo]]:
    """Each with the zone of its vehicle."""
    return [(booking, sharing.zone_of(booking.vehicle)) for booking in bookings]


def _day(request: HttpRequest, vehicle: Vehicle, choice: SharedChoice, now: datetime) -> dict[str, Any]:
    zone = sharing.zone_of(vehicle)
    # The first day on which something can still be booked: late in the evening that is tomorrow.
    today = (now + sharing.NOTICE).astimezone(zone).date()
    last = (now + sharing.FURTHEST).astimezone(zone).date()
    on = choice.on(today=today, last=last)
    slots = sharing.day(vehicle=vehicle, on=on, driver=request.user, now=now)
    return {
        "zone": zone,
        "day": on,
        "slots": [slot for slot in slots if slot.ends_at > now],
        "day_before": on - _DAY if on > today else None,
        "day_after": on + _DAY if on < last else None,
        "chosen": request.POST.getlist("hours"),
    }


@driver_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives a vehicle back: another driver's booking does not exist."""
    booking = get_object_or_404(sharing.mine(request.user), pk=pk)
    if sharing.cancel(booking=booking, now=timezone.now()):
        messages.success(request, _("The vehicle is free for others again."))
    else:
        messages.info(request, _("This booking was not open any more."))
    return HttpResponseRedirect(back(request, default=reverse("drivers:shared")))
