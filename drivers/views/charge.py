"""The Charge screen: the form, the reservation it is for, or the session that runs."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from chargepoints.domain.errors import Refused
from chargepoints.models import Reservation
from drivers.forms.charge import ChargeForm
from drivers.services import booking, private_points, progress, quotes, sessions, vehicles
from drivers.views.access import driver_required, is_fragment

UNPROCESSABLE = 422
REFUSED = 409
_MINUTES = (60, 120, 240, 480)


@driver_required
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """One screen for the whole way: form, waiting, charging, summary."""
    if request.method == "POST":
        return _begin(request)
    now = timezone.now()
    session = sessions.current(request.user)
    if is_fragment(request):
        # A page with nothing to fill in asks whether a charge card has begun a session meanwhile.
        return HttpResponse(status=204) if session is None else HttpResponse(headers={"HX-Refresh": "true"})
    if session is not None:
        context = {"progress": progress.of(session=session, now=now), "now": now, "section": "charge"}
        return render(request, "drivers/session.html", context)
    return render(request, "drivers/charge.html", _context(request, _form(request, None)))


@driver_required
@require_POST
def quote(request: HttpRequest) -> HttpResponse:
    """What this wish would cost and how full the battery would be; a fragment under the form."""
    form = _form(request, request.POST)
    if not form.is_valid():
        return render(request, "drivers/_quote_missing.html", {"form": form})
    wish = form.wish
    now = timezone.now()
    try:
        promise = quotes.quote(driver=request.user, wish=wish, now=now)
        v2g = quotes.v2g_offer(driver=request.user, wish=wish, promise=promise, now=now)
    except Refused as error:
        return render(request, "drivers/_quote_missing.html", {"error": error})
    context = {"quote": promise, "wish": wish, "sentence": quotes.sentence(quote=promise, wish=wish)}
    context |= {"v2g": v2g, "saving": quotes.saving_of(promise)}
    return render(request, "drivers/_quote.html", context)


def _begin(request: HttpRequest) -> HttpResponse:
    form = _form(request, request.POST)
    if not form.is_valid():
        return render(request, "drivers/charge.html", _context(request, form), status=UNPROCESSABLE)
    now = timezone.now()
    try:
        promise = quotes.quote(driver=request.user, wish=form.wish, now=now)
        sessions.begin(driver=request.user, wish=form.wish, quote=promise.as_json(), now=now)
    except Refused as error:
        if error.code == "open":  # pressed twice: the session of the first press is the answer
            return HttpResponseRedirect(reverse("drivers:charge"))
        return render(request, "drivers/charge.html", _context(request, form) | {"error": error}, status=REFUSED)
    return HttpResponseRedirect(reverse("drivers:charge"))


def _form(request: HttpRequest, data: QueryDict | None) -> ChargeForm:
    return ChargeForm(
        data,
        driver=request.user,
        reservation=booking.active(request.user),
        now=timezone.now(),
        initial=_initial(request),
    )


def _initial(request: HttpRequest) -> dict[str, Any]:
    """What the search already knew."""
    known = {name: request.GET[name] for name in ("soc_percent", "target_soc_percent", "mode") if request.GET.get(name)}
    last = sessions.last_need(request.user)
    return ({"mode": last.mode} if last else {}) | known


def _context(request: HttpRequest, form: ChargeForm) -> dict[str, Any]:
    now, reservation = timezone.now(), booking.active(request.user)
    return {
        "form": form,
        "reservation": reservation,
        "has_vehicle": vehicles.usable(request.user, now).exists(),
        "has_point": reservation is not None or private_points.evses(request.user).exists(),
        "minute_choices": _MINUTES,
        **_lost(request, reservation, now),
        "section": "charge",
    }


def _lost(request: HttpRequest, reservation: Reservation | None, now: datetime) -> dict[str, Any]:
    """What did not work lately, and where else there is a free charger for the same vehicle."""
    failure = sessions.recent_failure(request.user, now)
    lapsed = None if reservation else booking.lapsed(request.user, now)
    if lapsed and failure and failure.reservation_id == lapsed.pk:
        lapsed = None
    vehicle = failure.vehicle if failure else None
    if lapsed:
        vehicle = vehicles.named(request.user, lapsed.vehicle_name, now)
    place = lapsed or failure
    others = booking.alternatives(evse=place.evse, vehicle=vehicle) if place and vehicle and not reservation else []
    return {"last_failure": failure, "lapsed": lapsed, "alternatives": others, "vehicle": vehicle}
