"""Search & rank."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from drivers.forms.search import SearchForm
from drivers.services import booking, queue, search, stations, watch
from drivers.services.ranking import Mode
from drivers.views.access import driver_required, is_fragment

UNPROCESSABLE = 422
_METRES = 1000


@driver_required
@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """The ranked stations as a fragment; a browser without scripts gets the whole page."""
    if not is_fragment(request):
        return HttpResponseRedirect(_address(request.GET))
    form = _form(request, request.GET)
    if not form.is_valid():
        return _form_again(request, form)
    response = render(request, "drivers/_results.html", _found(form))
    response["HX-Push-Url"] = _address(request.GET)
    return response


def _form_again(request: HttpRequest, form: SearchForm) -> HttpResponse:
    response = render(request, "drivers/_search_form.html", {"form": form}, status=UNPROCESSABLE)
    response["HX-Retarget"] = "#panel-search"
    return response


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What the map page needs for searching: the form, and the answer when the address holds a search."""
    under_way = {"reservation": booking.active(request.user), "standing": queue.standing(request.user)}
    if "vehicle" not in request.GET:
        return {"form": _form(request, None), **under_way}
    form = _form(request, request.GET)
    context: dict[str, Any] = {"form": form, **under_way}
    return context | _found(form) if form.is_valid() else context


def _form(request: HttpRequest, data: QueryDict | None) -> SearchForm:
    return SearchForm(data, driver=request.user, now=timezone.now())


def _found(form: SearchForm) -> dict[str, Any]:
    data = form.cleaned_data
    need = search.Need(
        vehicle=data["vehicle"],
        position=form.position or stations.centre_for(form.driver),
        max_distance_m=data["distance_km"] * _METRES,
        soc_percent=data["soc_percent"],
        target_soc_percent=data["target_soc_percent"],
    )
    now = timezone.now()
    answer = search.search(need=need, now=now, with_busy=data["with_busy"])
    mode: Mode = data["mode"]
    any_ids = booking.takes_any([(each.station, each.option.evse) for each in answer.found])
    shown = {"found": search.ordered(answer.found, mode), "any_ids": any_ids, "answer": answer}
    waiting = {"watched": watch.watched_by(form.driver, now)} if answer.busy else {}
    return shown | waiting | {"need": need, "mode": mode, "modes": list(Mode), "words": _words()}


def _words() -> dict[str, str]:
    """What stands at every station of the list, put into words once."""
    return {
        "there": _("To get there"),
        "charge": _("To charge"),
        "arrival": _("Battery on arrival"),
        "after": _("Battery after"),
        "green": _("Green share"),
        "wait": _("Wait"),
        "no_wait": _("none, it is free"),
        "stay": _("Price for a stay of four hours. You say how long when you charge."),
    }


def _address(query: QueryDict) -> str:
    return f"{reverse('drivers:map')}?{query.urlencode()}"
