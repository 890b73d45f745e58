"""Transactions: the live list and the details of one."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from chargepoints.models import Operator
from chargepoints.requests import HtmxRequest
from dashboard.access import staff_required, topic
from dashboard.filters import TransactionFilter
from dashboard.paging import page
from dashboard.selectors import checks, figures, transactions
from smac.services import costs


@staff_required
def index(request: HtmxRequest, operator: Operator) -> HttpResponse:
    """The list, as a page or, for htmx, as its rows alone."""
    filtered = TransactionFilter(request.GET, queryset=transactions.of_operator(operator), operator=operator)
    context = {
        "operator": operator,
        "section": "transactions",
        "filter": filtered,
        "page": page(filtered.qs, request.GET.get("before")),
        "topic": topic(operator, "transactions"),
        "figures": figures.of_operator(operator),
    }
    template = "dashboard/_transactions.html" if request.htmx else "dashboard/transactions.html"
    return render(request, template, context)


@staff_required
def details(request: HtmxRequest, pk: int, operator: Operator) -> HttpResponse:
    """One transaction in a drawer: facts, curve, cost, profiles, commands, messages."""
    row = get_object_or_404(transactions.of_operator(operator), pk=pk)
    context = {
        "transaction": row,
        "operator": operator,
        "section": "transactions",
        "check": checks.of_transaction(row),
        "need": transactions.need_of(row),
        "cost": costs.session_cost(transaction=row, now=timezone.now()),
        "profiles": transactions.profiles_of(row),
        "commands": row.commands.order_by("pk"),
        "frames": transactions.messages_of(row),
        "signed_readings": transactions.signed_readings_of(row),
        "place": row.charge_point.supply_point.location,
    }
    template = "dashboard/_transaction.html" if request.htmx else "dashboard/transaction.html"
    return render(request, template, context)


@staff_required
def curve(request: HtmxRequest, pk: int, operator: Operator) -> JsonResponse:
    """Plan against meter, for the chart."""
    row = get_object_or_404(transactions.of_operator(operator), pk=pk)
    return JsonResponse(transactions.curve(row, now=timezone.now()))
