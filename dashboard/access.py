"""Who may look: an operator's staff, at what is the operator's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from chargepoints.models import Operator
from chargepoints.selectors.operators import operator_of

View = Callable[..., HttpResponse]


def staff_required(view: View) -> View:
    """Let staff in and hand their operator to the view; the anonymous go to the login, all others are refused."""

    @login_required
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        operator = operator_of(request.user)
        if operator is None:
            raise PermissionDenied
        return view(request, *args, operator=operator, **kwargs)

    return checked


def topic(operator: Operator, subject: str) -> str:
    """The live topic of an operator."""
    return f"operator.{operator.pk}.{subject}"
