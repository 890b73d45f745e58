"""The proof of an order: its ledger beside the charts, and as a file to hand on."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from gridops import history
from gridops.access import grid_operator_required
from gridops.services import ledger as ledgers
from gridops.services.ledger import Ledger, export
from gridops.views.order import find, points_of
from smac.models import FlexOrder

POINTS_PER_PAGE = 20
# Names that are told at once; the list tells them all.
_NAMES = 8


def _ledger(request: HttpRequest, order: FlexOrder) -> Ledger:
    return ledgers.of_order(order=order, charge_points=points_of(request, order), now=timezone.now())


@require_safe
@grid_operator_required
def ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """How much was kept, and every charge point through all slots, problems first."""
    order = find(request, pk)
    found = _ledger(request, order)
    named = [("silent", found.silent[:_NAMES], len(found.silent[_NAMES:]))]
    named += [("refused", found.refused[:_NAMES], len(found.refused[_NAMES:]))]
    page = Paginator(found.books, POINTS_PER_PAGE).get_page(request.GET.get("page"))
    return _shown(request, "gridops/_ledger.html", order, {"ledger": found, "page_obj": page, "named": named})


@require_safe
@grid_operator_required
def ledger_of(request: HttpRequest, pk: int, charge_point_id: int) -> HttpResponse:
    """One charge point slot by slot, with its curve."""
    order = find(request, pk)
    found = _ledger(request, order)
    book = next((one for one in found.books if one.point.pk == charge_point_id), None)
    if book is None:
        raise Http404
    return _shown(request, "gridops/_ledger_point.html", order, {"ledger": found, "book": book})


def _shown(request: HttpRequest, template: str, order: FlexOrder, more: dict[str, Any]) -> HttpResponse:
    """The part alone to htmx, else as a page."""
    context = {"tab": "historical", "order": order, "row": history.rows(request.user, [order], timezone.now())[0]}
    page = template if request.headers.get("HX-Request") else "gridops/ledger.html"
    answer = render(request, page, {**context, **more, "part": template})
    patch_vary_headers(answer, ["HX-Request"])
    return answer


@require_safe
@grid_operator_required
def ledger_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The ledger as CSV, its digest in the last line."""
    order = find(request, pk)
    text = export.as_csv(_ledger(request, order), issued_by=request.user.get_username(), now=timezone.now())
    return _file(text, "text/csv; charset=utf-8", export.file_name(order, "csv"))


@require_safe
@grid_operator_required
def ledger_json(request: HttpRequest, pk: int) -> HttpResponse:
    """The ledger as JSON with its digest."""
    order = find(request, pk)
    text = export.as_json(_ledger(request, order), issued_by=request.user.get_username(), now=timezone.now())
    return _file(text, "application/json", export.file_name(order, "json"))


def _file(text: str, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return HttpResponse(text, content_type=kind, headers=headers)
