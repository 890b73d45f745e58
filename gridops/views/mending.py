"""An order that cannot be kept: changed with one click, or ordered all the same."""

from __future__ import annotations

import json
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chargepoints.domain.errors import Refused
from gridops import history
from gridops.access import grid_operator_required, may_withdraw
from gridops.views import order as details
from smac.models import FlexOrder
from smac.services import limits

# Where the buttons stand, and what is shown there afterwards.
_DIALOG = "dialog"


@require_POST
@grid_operator_required
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Order the least limit that hurts nobody in the place of this one; what is shown after is the new order.

    The click says which limit was shown: when another one was found meanwhile, that is shown, and nothing is changed.
    """
    order = _own(request, pk)
    least_w = limits.least_limit_w(order)
    if least_w is None or str(least_w) != request.POST.get("limit_w"):
        return _shown(request, order, refused=_("The restriction was judged anew meanwhile. Look at it once more."))
    try:
        changed = limits.change_order(order=order, max_power_w=least_w, ordered_by=request.user, now=timezone.now())
    except Refused as error:
        return _shown(request, details.find(request, pk), refused=str(error))
    return _shown(request, changed, answer="changed")


@require_POST
@grid_operator_required
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Order it all the same: who is logged in accepts by name what was shown of who misses what."""
    order = _own(request, pk)
    try:
        limits.accept_misses(
            order=order, accepted_by=request.user, now=timezone.now(), seen=request.POST.get("seen") or "nothing"
        )
    except Refused as error:
        return _shown(request, details.find(request, pk), refused=str(error))
    return _shown(request, details.find(request, pk), answer="accepted")


def _own(request: HttpRequest, pk: int) -> FlexOrder:
    """The order, if all of its charge points are the user's."""
    order = details.find(request, pk)
    if not may_withdraw(request.user, order):
        raise PermissionDenied
    return order


def _shown(request: HttpRequest, order: FlexOrder, *, answer: str = "", refused: str = "") -> HttpResponse:
    """The order where the buttons stood: in the answer's dialog, in the drawer, or on its page; tables fetch anew."""
    notice = {"text": refused or _words(answer), "level": "warning" if refused else "success"}
    if not request.headers.get("HX-Request"):
        return redirect("gridops:order", order.pk)
    if request.POST.get("shown_in") == _DIALOG:
        row = history.rows(request.user, [order], timezone.now())[0]
        context: dict[str, Any] = {"row": row, "answer": answer, "refused": refused, "shown_in": _DIALOG}
        page = render(request, "gridops/_saved.html", context)
        page["HX-Trigger"] = json.dumps({"orders-changed": True})
        return page
    page = render(request, "gridops/_order.html", details.context_of(request, order))
    page["HX-Trigger"] = json.dumps({"orders-changed": True, "notice": notice})
    return page


def _words(answer: str) -> str:
    if answer == "changed":
        return _("The restriction was changed. The chargers are told at once.")
    return _("The restriction stands: you accepted who misses what.")
