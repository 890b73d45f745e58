"""The public stations as a list, for everybody."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from drivers.forms.station_list import StationListForm
from drivers.services import station_list, stations

_PAGE = 25


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The nearest first; what was asked for stands in the address."""
    form = StationListForm(request.GET)
    words = form.cleaned_data.get("words", "") if form.is_valid() else ""
    here = form.position or stations.centre_for(request.user)
    page = Paginator(station_list.rows(here=here, words=words), _PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page_obj": page, "here_is_known": form.position is not None, "section": "map"}
    return render(request, "drivers/stations.html", context)
