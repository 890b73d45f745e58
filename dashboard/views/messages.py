"""The log of OCPP messages."""

from django.http import HttpResponse
from django.shortcuts import render

from chargepoints.models import Operator
from chargepoints.requests import HtmxRequest
from dashboard.access import staff_required
from dashboard.filters import MessageFilter
from dashboard.paging import page
from dashboard.selectors import figures, messages


@staff_required
def index(request: HtmxRequest, operator: Operator) -> HttpResponse:
    """The newest frames that fit the search."""
    filtered = MessageFilter(request.GET, queryset=messages.of_operator(operator), operator=operator)
    context = {
        "operator": operator,
        "section": "messages",
        "filter": filtered,
        "page": page(filtered.qs, request.GET.get("before")),
        "figures": figures.of_operator(operator),
    }
    template = "dashboard/_messages.html" if request.htmx else "dashboard/messages.html"
    return render(request, template, context)
