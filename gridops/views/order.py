"""One order: its details with charts, and taking it back."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chargepoints.domain.errors import Refused
from chargepoints.models import ChargePoint, SupplyPoint
from gridops import history, overlaps
from gridops.access import charge_points_of, grid_operator_required, may_withdraw, orders_of
from gridops.services import curves
from smac.models import FlexOrder
from smac.services import limits

# Curves of single charge points that are drawn at once; the others open one by one.
_DRAWN = 4


def find(request: HttpRequest, pk: int) -> FlexOrder:
    """The order, if it touches a charge point of the user's groups; else 404."""
    return get_object_or_404(orders_of(request.user), pk=pk)


def points_of(request: HttpRequest, order: FlexOrder) -> list[ChargePoint]:
    """The charge points of the order that the user may see."""
    own = charge_points_of(request.user).filter(flex_orders=order)
    return list(own.select_related("supply_point__location").order_by("identity"))


@require_safe
@grid_operator_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What was ordered, its verdict, and the charts; to htmx without the page around it."""
    order = find(request, pk)
    template = "gridops/_order.html" if request.headers.get("HX-Request") else "gridops/order.html"
    answer = render(request, template, context_of(request, order))
    patch_vary_headers(answer, ["HX-Request"])
    return answer


def context_of(request: HttpRequest, order: FlexOrder) -> dict[str, Any]:
    """What the details of an order are drawn from, as far as the user may see it."""
    points = points_of(request, order)
    return {
        "tab": "historical",
        "row": overlaps.added(request.user, history.rows(request.user, [order], timezone.now()))[0],
        "points": points,
        "drawn": points[:_DRAWN],
        "shared": _shared(request, points),
        "storages": _storages(points),
        "changes": order.changes.select_related("by"),
        "shown_in": "drawer" if request.headers.get("HX-Request") else "page",
    }


def _shared(request: HttpRequest, points: list[ChargePoint]) -> set[int]:
    """The grid connections that foreign charge points share: their curves would tell of those."""
    here = ChargePoint.objects.filter(supply_point__in={point.supply_point_id for point in points})
    return set(here.exclude(pk__in=charge_points_of(request.user)).values_list("supply_point_id", flat=True))


def _storages(points: list[ChargePoint]) -> list[SupplyPoint]:
    found = {point.supply_point_id: point.supply_point for point in points if point.supply_point.storage_capacity_wh}
    return sorted(found.values(), key=lambda supply_point: supply_point.name)


@require_safe
@grid_operator_required
def power(request: HttpRequest, pk: int, charge_point_id: int | None = None) -> JsonResponse:
    """The curves of one charge point, or of all that the user may see."""
    order = find(request, pk)
    points = points_of(request, order)
    if charge_point_id is not None:
        points = [get_object_or_404(charge_points_of(request.user).filter(flex_orders=order), pk=charge_point_id)]
    alone = charge_point_id is not None and order.charge_points.count() > 1
    return JsonResponse(curves.power(order=order, charge_points=points, now=timezone.now(), alone=alone))


@require_safe
@grid_operator_required
def flexibility(request: HttpRequest, pk: int) -> JsonResponse:
    """How far up and down the power of the supply points could go."""
    order = find(request, pk)
    points = points_of(request, order)
    ids = {point.supply_point_id for point in points} - _shared(request, points)
    shown = curves.flexibility(
        order=order, supply_point_ids=ids, now=timezone.now(), limited_points=_limited_points(order, ids)
    )
    return JsonResponse(shown)


def _limited_points(order: FlexOrder, supply_point_ids: set[int]) -> int:
    """How many charge points the connections have, where the order names these and no others; else 0."""
    here = set(ChargePoint.objects.filter(supply_point__in=supply_point_ids).values_list("pk", flat=True))
    return len(here) if here == set(order.charge_points.values_list("pk", flat=True)) else 0


@require_safe
@grid_operator_required
def storage(request: HttpRequest, pk: int, supply_point_id: int) -> JsonResponse:
    """The plan of a local battery."""
    order = find(request, pk)
    own = SupplyPoint.objects.filter(charge_points__in=points_of(request, order)).distinct()
    supply_point = get_object_or_404(own, pk=supply_point_id)
    return JsonResponse(curves.storage(order=order, supply_point=supply_point, now=timezone.now()))


@require_http_methods(["GET", "HEAD", "POST"])
@grid_operator_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take the order back."""
    order = find(request, pk)
    if not may_withdraw(request.user, order):
        raise PermissionDenied
    row = history.rows(request.user, [order], timezone.now())[0]
    if request.method != "POST":
        return render(request, "gridops/_withdraw.html", {"row": row})
    try:
        limits.withdraw_order(order=order, by=request.user, now=timezone.now())
    except Refused as error:
        return _told(str(error), "warning")
    return _told(_("The restriction was withdrawn."), "success")


def _told(text: str, level: str) -> HttpResponse:
    """Close the dialog, tell, and let the table fetch itself."""
    events = {"dialog-close": True, "notice": {"text": text, "level": level}, "orders-changed": True}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(events)})
