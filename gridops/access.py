"""Who may do what on the grid: rights come from the groups assigned, with their branches."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from chargepoints.models import ChargePoint
from chargepoints.selectors.groups import charge_points_in
from gridops.models import GridOperator
from smac.models import FlexOrder

View = Callable[..., HttpResponse]


def grid_operator_of(user: Any) -> GridOperator | None:
    """The user's role on the grid; None for everybody else."""
    return GridOperator.objects.filter(user=user).first() if user.is_authenticated else None


def grid_operator_required(view: View) -> View:
    """Let grid operators in, send the anonymous to the login, refuse all others."""

    @login_required
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if grid_operator_of(request.user) is None:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


def charge_points_of(user: Any) -> QuerySet[ChargePoint]:
    """The charge points that a grid operator may see and limit."""
    profile = grid_operator_of(user)
    if profile is None:
        return ChargePoint.objects.none()
    return charge_points_in(profile.groups.values_list("pk", flat=True))


def orders_of(user: Any) -> QuerySet[FlexOrder]:
    """The orders that touch a charge point of the user's groups."""
    return FlexOrder.objects.filter(charge_points__in=charge_points_of(user)).distinct()


def may_withdraw(user: Any, order: FlexOrder) -> bool:
    """An order may be taken back by whoever holds all of its charge points."""
    named = set(order.charge_points.values_list("pk", flat=True))
    return named <= set(charge_points_of(user).values_list("pk", flat=True))
