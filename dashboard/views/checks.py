"""Doubtful sessions: what is wrong with them, and whether they are billed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargepoints.domain.errors import Refused
from chargepoints.models import Operator
from chargepoints.requests import HtmxRequest
from chargepoints.services import reviews
from dashboard.access import staff_required, topic
from dashboard.answers import done
from dashboard.filters import CheckFilter
from dashboard.forms.checks import ReviewForm
from dashboard.paging import page
from dashboard.selectors import checks, figures


@staff_required
def index(request: HtmxRequest, operator: Operator) -> HttpResponse:
    """The sessions that wait for a decision, or those that fit the filter."""
    filtered = CheckFilter(request.GET, queryset=checks.of_operator(operator), operator=operator)
    context = {
        "operator": operator,
        "section": "checks",
        "filter": filtered,
        "page": page(filtered.qs, request.GET.get("before")),
        "topic": topic(operator, "transactions"),
        "figures": figures.of_operator(operator),
    }
    template = "dashboard/_checks.html" if request.htmx else "dashboard/checks.html"
    return render(request, template, context)


@staff_required
@require_POST
def decide(request: HtmxRequest, pk: int, operator: Operator) -> HttpResponse:
    """Bill what is doubted, or do not; who said so is kept."""
    row = get_object_or_404(checks.of_operator(operator), pk=pk)
    form = ReviewForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(_("That was no decision."))
        reviews.decide(transaction_row=row, decided_by=request.user, now=timezone.now(), **form.cleaned_data)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("dashboard:transaction", pk=row.pk)
    return done(request, reverse("dashboard:checks"), _("Your decision is kept."))
