"""Charge points: what they are and what they are doing."""

from django.http import HttpResponse
from django.shortcuts import render

from chargepoints.models import Operator
from chargepoints.requests import HtmxRequest
from dashboard.access import staff_required, topic
from dashboard.selectors import charge_points
from dashboard.selectors import figures as figures_now


@staff_required
def index(request: HtmxRequest, operator: Operator) -> HttpResponse:
    """Every charge point of the operator, live."""
    context = {
        "operator": operator,
        "section": "locations",
        "rows": charge_points.of_operator(operator),
        "topic": topic(operator, "locations"),
        "figures": figures_now.of_operator(operator),
    }
    template = "dashboard/_locations.html" if request.htmx else "dashboard/locations.html"
    return render(request, template, context)


@staff_required
def figures(request: HtmxRequest, operator: Operator) -> HttpResponse:
    """The strip of figures alone."""
    return render(
        request, "dashboard/_figures.html", {"figures": figures_now.of_operator(operator), "operator": operator}
    )
