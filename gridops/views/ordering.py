"""Giving an order: its preview while one types, and saving it."""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from chargepoints.domain.errors import Refused
from gridops import history, overlaps
from gridops.access import grid_operator_required
from gridops.forms import OrderForm
from gridops.services import preview as drawing
from gridops.services import verdicts
from smac.models import FlexOrder
from smac.services import limits

log = logging.getLogger(__name__)

_WRONG = 422


@require_POST
@grid_operator_required
def preview(request: HttpRequest) -> HttpResponse:
    """What would become of the order as it stands in the form; nothing is saved."""
    form = OrderForm(request.POST, user=request.user, now=timezone.now())
    context = _preview(request, form) if form.is_valid() else {"problems": _problems(form)}
    return render(request, "gridops/_preview.html", {**context, "twice": form.twice})


@require_POST
@grid_operator_required
def preview_chart(request: HttpRequest) -> HttpResponse:
    """The curves with and without the order, its cost and CO2; apart from the verdict, which should not wait."""
    form = OrderForm(request.POST, user=request.user, now=timezone.now())
    context: dict[str, Any] = {}
    if form.is_valid():
        context["place"] = form.order()["charge_points"][0].supply_point.location
        try:
            context["drawn"] = drawing.draw(order=form.order(), now=timezone.now())
        except Exception:
            log.exception("a preview could not be drawn")
    return render(request, "gridops/_preview_chart.html", context)


def _preview(request: HttpRequest, form: OrderForm) -> dict[str, Any]:
    order = form.order()
    try:
        verdict = limits.preview_order(**order, now=timezone.now()).as_json()
    except Refused as error:
        return {"problems": [str(error)]}
    except Exception:
        log.exception("an order could not be previewed")
        return {"has_failed": True}
    points = order["charge_points"]
    least_w = limits.least_limit_in(verdict)
    return {
        "verdict": verdict,
        "sentence": verdicts.sentence(verdict),
        "least_w": least_w,
        "least_kw": f"{least_w / 1000:.1f}" if least_w else "",
        "missed": history.visible_missed(verdict, {point.pk for point in points}),
        "floor_above": _floor_above(order),
        "overlaps": overlaps.of_draft(request.user, order, timezone.now()),
        "place": points[0].supply_point.location,
    }


def _floor_above(order: dict[str, Any]) -> int:
    """The floor where it is above the limit, W: then the floor is what holds."""
    each = order["scope"] == FlexOrder.Scope.EACH
    return order["floor_w"] if each and order["floor_w"] > order["max_power_w"] else 0


def _problems(form: OrderForm) -> list[str]:
    """What is missing, each error with the name of its field; a missing selection is told alone."""
    if "charge_points" in form.errors:
        return [str(form.errors["charge_points"][0])]
    return [f"{form[name].label}: {errors[0]}" for name, errors in form.errors.items()]


@require_POST
@grid_operator_required
def create(request: HttpRequest) -> HttpResponse:
    """Save the order and answer with its verdict; a wrong form comes back with its errors."""
    form = OrderForm(request.POST, user=request.user, now=timezone.now())
    if not form.is_valid():
        return _wrong(request, form)
    try:
        order = limits.create_order(
            **form.order(), ordered_by=request.user, reason=form.cleaned_data["reason"], now=timezone.now()
        )
    except Refused as error:
        form.add_error(None, str(error))
        return _wrong(request, form)
    row = history.rows(request.user, [order], timezone.now())[0]
    return render(request, "gridops/_saved.html", {"row": row, "answer": "saved", "shown_in": "dialog"})


def _wrong(request: HttpRequest, form: OrderForm) -> HttpResponse:
    answer = render(request, "gridops/_order_fields.html", {"form": form}, status=_WRONG)
    answer["HX-Retarget"] = "#order-fields"
    return answer
