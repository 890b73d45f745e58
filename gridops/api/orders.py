"""Orders: previewed, given once for each key, listed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from gridops import listing
from gridops.api import paging, shapes, telling
from gridops.api.guarding import MachineView, SolvingPace
from gridops.api.problems import Problem, Wrong
from gridops.api.wanted import WantedOrder
from gridops.services import once
from smac.models import FlexOrder
from smac.services import limits

KEY_HEADER, REPEATED_HEADER = "Idempotency-Key", "Idempotency-Replayed"
KEY = OpenApiParameter(KEY_HEADER, OpenApiTypes.STR, OpenApiParameter.HEADER, required=True)
_NAMES = ("status", "time", "since", "until", "group", "point")
_FILTERS = [OpenApiParameter(name, OpenApiTypes.STR) for name in _NAMES]


class Previews(MachineView):
    throttle_classes = (SolvingPace,)
    # It changes nothing, so that a token that may only read may ask.
    only_asks = True

    @extend_schema(
        operation_id="preview_order",
        request=WantedOrder,
        responses={200: shapes.Verdict, 422: shapes.Problem},
    )
    def post(self, request: Request) -> Response:
        """What would become of an order; nothing is saved."""
        now = timezone.now()
        order = dict(_wanted(request, now))
        order.pop("reason")
        verdict = limits.preview_order(**order, now=now).as_json()
        return Response(telling.verdict(verdict, order["charge_points"]))


class Orders(MachineView):
    def get_throttles(self) -> list[Any]:
        return [SolvingPace()] if self.request.method == "POST" else super().get_throttles()

    @extend_schema(
        operation_id="orders", parameters=[*_FILTERS, *paging.PARAMETERS], responses=shapes.page_of(shapes.Order)
    )
    def get(self, request: Request) -> Response:
        """The orders that touch the owner's branch, the newest first.

        ``status``: pending, success, unfeasible; ``time``: upcoming, active, ended, withdrawn; ``since`` and ``until``:
        days (YYYY-MM-DD) that the window touches; ``group``: one whose branch it touches; ``point``: a part of the
        identifier of a charge point that it touches.
        """
        paging.refuse_unknown(request, _NAMES)
        now, filters = timezone.now(), listing.Filters(request.query_params, user=request.user)
        if not filters.is_valid():
            raise Wrong({name: [str(text) for text in texts] for name, texts in filters.errors.items()})
        size, after = paging.size_of(request), request.query_params.get("after", "")
        if after and not (after.isdecimal() and listing.visible(request.user).filter(pk=after[:18]).exists()):
            raise Wrong({"after": [_("This is no key of a page.")]})
        page = listing.page(request.user, filters.orders(now), listing.Sort(), after=after, size=size)
        rows = telling.many(request.user, page.rows, now)
        return Response(paging.body(request, rows, None if page.after is None else str(page.after)))

    @extend_schema(
        operation_id="give_order",
        request=WantedOrder,
        parameters=[KEY],
        responses={201: shapes.Order, 400: shapes.Problem, 422: shapes.Problem},
    )
    def post(self, request: Request) -> Response:
        """Give an order. Asked again with the same key, it answers the same and orders nothing.

        ``Idempotency-Key``: up to 255 signs of your own, such as a UUID; kept for 30 days.
        """
        now, key, asked = timezone.now(), key_of(request), {"order": request.data}
        # Looked up first: a repeated order is answered also when its start has passed since.
        if found := once.known(user=request.user, key=key, asked=asked):
            return given(request, found)
        order = _wanted(request, now)

        def save() -> FlexOrder:
            return limits.create_order(**order, ordered_by=request.user, now=now)

        return given(
            request, once.give(user=request.user, key=key, asked=asked, now=now, save=save, told=told(request))
        )


def told(request: Request) -> Callable[[FlexOrder], dict[str, Any]]:
    return lambda order: telling.one(request.user, order, timezone.now())


def given(request: Request, found: once.Given) -> Response:
    where = request.build_absolute_uri(reverse("gridops-api:order", kwargs={"pk": found.order.pk}))
    headers = {"Location": where, REPEATED_HEADER: "true" if found.is_repeated else "false"}
    return Response(found.answer, HTTPStatus.CREATED, headers=headers)


def key_of(request: Request) -> str:
    key = request.headers.get(KEY_HEADER, "").strip()
    if not 1 <= len(key) <= 255:
        words = _("Send a key of your own (1 to 255 signs) in the header Idempotency-Key.")
        raise Problem(HTTPStatus.BAD_REQUEST, "key-missing", words)
    return key


def _wanted(request: Request, now: datetime) -> dict[str, Any]:
    """The order in the request, as arguments of ``limits.create_order``. Raises Wrong."""
    form = WantedOrder(data=request.data, context={"user": request.user, "now": now})
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)
