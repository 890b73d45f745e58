"""Commands to chargers: the live list and the story of one."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from chargepoints.models import Operator
from chargepoints.requests import HtmxRequest
from dashboard.access import staff_required, topic
from dashboard.filters import CommandFilter
from dashboard.paging import page
from dashboard.selectors import commands, figures


@staff_required
def index(request: HtmxRequest, operator: Operator) -> HttpResponse:
    """The list, as a page or, for htmx, as its rows alone."""
    filtered = CommandFilter(request.GET, queryset=commands.of_operator(operator), operator=operator)
    context = {
        "operator": operator,
        "section": "commands",
        "filter": filtered,
        "page": page(filtered.qs, request.GET.get("before")),
        "topic": topic(operator, "commands"),
        "figures": figures.of_operator(operator),
    }
    template = "dashboard/_commands.html" if request.htmx else "dashboard/commands.html"
    return render(request, template, context)


@staff_required
def details(request: HtmxRequest, pk: int, operator: Operator) -> HttpResponse:
    """One command in a drawer: what was wanted, what the charger said, when."""
    row = get_object_or_404(commands.of_operator(operator), pk=pk)
    context = {
        "command": row,
        "operator": operator,
        "section": "commands",
        "changes": row.changes.all(),
        "place": row.charge_point.supply_point.location,
    }
    template = "dashboard/_command.html" if request.htmx else "dashboard/command.html"
    return render(request, template, context)
