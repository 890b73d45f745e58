"""One order: followed, withdrawn, replaced, ordered all the same, proved."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from chargepoints.domain.errors import Refused
from gridops import history
from gridops.access import may_withdraw, orders_of
from gridops.api import shapes, telling
from gridops.api.guarding import MachineView, SolvingPace
from gridops.api.orders import KEY, given, key_of, told
from gridops.api.wanted import Strict, WantedAcceptance, WantedReplacement
from gridops.services import ledger, once
from gridops.services.ledger import export
from smac.models import FlexOrder
from smac.services import limits


def find(request: Request, pk: int) -> FlexOrder:
    """The order, if it touches a charge point of the owner's branch. Raises Http404."""
    order = orders_of(request.user).filter(pk=pk).first()
    if order is None:
        raise Http404
    return order


class OneOrder(MachineView):
    @extend_schema(operation_id="order", responses={200: shapes.Order, 404: shapes.Problem})
    def get(self, request: Request, pk: int) -> Response:
        """An order with its verdict."""
        return Response(telling.one(request.user, find(request, pk), timezone.now()))


def movable(request: Request, pk: int) -> FlexOrder:
    """The order, if all of its charge points are the owner's. Raises Http404, PermissionDenied."""
    order = find(request, pk)
    if not may_withdraw(request.user, order):
        raise PermissionDenied(_("The order names charge points outside of your groups."))
    return order


class Withdrawal(MachineView):
    @extend_schema(operation_id="withdraw_order", request=None, responses={200: shapes.Order, 403: shapes.Problem})
    def post(self, request: Request, pk: int) -> Response:
        """Take an order back that has not ended. A second time changes nothing and answers the same."""
        order = movable(request, pk)
        if order.withdrawn_at is None:
            limits.withdraw_order(order=order, now=timezone.now(), note=str(request.auth), by=request.user)
        return Response(told(request)(order))


class Replacement(MachineView):
    throttle_classes = (SolvingPace,)

    @extend_schema(
        operation_id="replace_order",
        request=WantedReplacement,
        parameters=[KEY],
        responses={201: shapes.Order, 403: shapes.Problem, 422: shapes.Problem},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Order another limit in the place of this one: a new order, under a key like any other."""
        order, now = movable(request, pk), timezone.now()
        body, key = _read(WantedReplacement, request), key_of(request)

        def save() -> FlexOrder:
            limit_w = body.get("max_power_w", limits.least_limit_w(order))
            if limit_w is None:
                raise Refused(_("No least limit is known for this order: say which one."))
            return limits.change_order(order=order, max_power_w=limit_w, ordered_by=request.user, now=now)

        asked = {"replace": pk, **body}
        found = once.give(user=request.user, key=key, asked=asked, now=now, save=save, told=told(request))
        return given(request, found)


class Acceptance(MachineView):
    @extend_schema(
        operation_id="accept_misses",
        request=WantedAcceptance,
        responses={200: shapes.Order, 403: shapes.Problem, 422: shapes.Problem},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Order it all the same: the owner of the token accepts by name who misses what."""
        order, body = movable(request, pk), _read(WantedAcceptance, request)
        limits.accept_misses(order=order, accepted_by=request.user, now=timezone.now(), seen=body["misses"])
        return Response(told(request)(order))


def _read(kind: type[Strict], request: Request) -> dict[str, Any]:
    form = kind(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


class LedgerFile(MachineView):
    @extend_schema(operation_id="ledger", responses={(200, "application/json"): OpenApiTypes.OBJECT})
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The proof of an order, with its digest and seal: docs/gridops-proof.md tells its form."""
        order, now = find(request, pk), timezone.now()
        points = history.rows(request.user, [order], now)[0].points
        found = ledger.of_order(order=order, charge_points=sorted(points, key=lambda it: it.identity), now=now)
        text = export.as_json(found, issued_by=request.user.get_username(), now=now)
        return HttpResponse(text, content_type="application/json", headers={"Cache-Control": "no-store"})
