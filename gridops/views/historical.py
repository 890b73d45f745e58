"""The Historical tab: every order with its answer."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from gridops import history
from gridops.access import grid_operator_required
from smac.models import FlexOrder

PER_PAGE = 25


@require_safe
@grid_operator_required
def historical(request: HttpRequest) -> HttpResponse:
    """The table; to htmx the table alone."""
    template = "gridops/_orders.html" if request.headers.get("HX-Request") else "gridops/historical.html"
    answer = render(request, template, _context(request))
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def _context(request: HttpRequest) -> dict[str, Any]:
    now = timezone.now()
    status, phase = request.GET.get("status", ""), request.GET.get("time", "")
    found = history.orders(request.user, status=status, phase=phase, now=now)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return {
        "tab": "historical",
        "page_obj": page,
        "rows": history.rows(request.user, page.object_list, now),
        "statuses": FlexOrder.Status.choices,
        "phases": history.Phase.choices,
        "status": status,
        "phase": phase,
    }
