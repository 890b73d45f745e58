"""The Historical tab: every order with its answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gridops import csv_text, history, listing, overlaps
from gridops.access import grid_operator_required
from gridops.history import OrderRow
from gridops.services.ledger.export import utc
from smac.models import FlexOrder

PER_PAGE = listing.ROWS


@require_safe
@grid_operator_required
def historical(request: HttpRequest) -> HttpResponse:
    """The table; to htmx the table alone."""
    template = "gridops/_orders.html" if request.headers.get("HX-Request") else "gridops/historical.html"
    answer = render(request, template, _context(request))
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def _context(request: HttpRequest) -> dict[str, Any]:
    now, sort = timezone.now(), listing.Sort.of(request.GET.get("sort", ""))
    filters = listing.Filters(request.GET, user=request.user)
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    page = listing.page(request.user, filters.orders(now), sort, after=after, before=before)
    rows = overlaps.added(request.user, history.rows(request.user, page.rows, now))
    return {"tab": "historical", "page": page, "rows": rows, "filters": filters, "columns": _columns(sort)}


def _columns(sort: listing.Sort) -> list[dict[str, str]]:
    """The heads of the table; ``sort``: what a click asks for, empty where there is nothing to sort by."""
    heads = [
        ("by", _("Ordered by"), ""),
        ("date", _("Date"), ""),
        ("", _("Charge points"), ""),
        ("power", _("Max. power"), "num"),
        ("v2g", _("V2G"), ""),
        ("export", _("Max. to the grid"), "num"),
        ("start", _("Start"), ""),
        ("end", _("End"), ""),
        ("", _("When"), ""),
        ("status", _("Status"), ""),
    ]
    return [
        {"label": label, "css": css, "sort": sort.turned(name) if name else "", "aria": sort.aria(name)}
        for name, label, css in heads
    ]


# --- as a file --------------------------------------------------------------------------------------------------------

_COLUMNS = (
    "order",
    "ordered_by",
    "ordered_at",
    "charge_points",
    "charge_points_of_others",
    "max_power_w",
    "scope",
    "v2g",
    "max_export_w",
    "floor_w",
    "mandatory",
    "starts_at",
    "ends_at",
    "local_start",
    "local_end",
    "withdrawn_at",
    "when",
    "status",
    "verdict",
    "reason",
    "replaces",
    "replaced_by",
    "accepted_by",
    "accepted_at",
)


@require_safe
@grid_operator_required
def historical_csv(request: HttpRequest) -> HttpResponse:
    """The list as it is filtered and sorted, all of it."""
    now, sort = timezone.now(), listing.Sort.of(request.GET.get("sort", ""))
    found = listing.Filters(request.GET, user=request.user).orders(now)
    lines = csv_text.lines(_lines(request, listing.every(request.user, found, sort), now))
    headers = {"Content-Disposition": 'attachment; filename="twinev-orders.csv"', "Cache-Control": "no-store"}
    return HttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _lines(request: HttpRequest, pieces: Iterator[list[FlexOrder]], now: datetime) -> Iterator[tuple[Any, ...]]:
    yield _COLUMNS
    for piece in pieces:
        for row in history.rows(request.user, piece, now):
            yield _line(row)


def _line(row: OrderRow) -> tuple[Any, ...]:
    order, zone = row.order, ZoneInfo(row.place.time_zone)
    accepted = row.acceptance
    local = [moment.astimezone(zone).isoformat(timespec="seconds") for moment in (order.starts_at, order.ends_at)]
    return (
        order.pk,
        order.ordered_by.get_username(),
        utc(order.created_at),
        " ".join(point.identity for point in row.points),
        row.others,
        order.max_power_w,
        order.scope,
        order.v2g,
        order.max_export_w if order.v2g else None,
        order.floor_w,
        order.mandatory,
        utc(order.starts_at),
        utc(order.ends_at),
        *local,
        utc(order.withdrawn_at) if order.withdrawn_at else None,
        row.phase.value,
        order.status,
        row.sentence,
        order.reason,
        order.replaces_id,
        row.successor.pk if row.successor else None,
        accepted.accepted_by.get_username() if accepted else None,
        utc(accepted.accepted_at) if accepted else None,
    )
