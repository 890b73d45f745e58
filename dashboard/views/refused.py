"""Chargers that knocked and were turned away."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargepoints.models import Operator
from chargepoints.requests import HtmxRequest
from chargepoints.services import security
from dashboard.access import staff_required
from dashboard.answers import done
from dashboard.selectors import refused

ROWS = 25


@staff_required
def index(request: HtmxRequest, operator: Operator) -> HttpResponse:
    """Who was turned away, the last first."""
    page = Paginator(refused.of_operator(operator), ROWS).get_page(request.GET.get("page"))
    context = {"operator": operator, "section": "refused", "page_obj": page}
    template = "dashboard/_refused.html" if request.htmx else "dashboard/refused.html"
    return render(request, template, context)


@staff_required
@require_POST
def dismiss(request: HtmxRequest, pk: int, operator: Operator) -> HttpResponse:
    """Take one off the list."""
    row = get_object_or_404(refused.of_operator(operator), pk=pk)
    security.dismiss_refusal(refused=row)
    return done(request, reverse("dashboard:refused"), _("It is off the list, until it knocks again."))
