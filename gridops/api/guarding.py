"""What every address of the interface asks before it answers: TLS, a grid operator's token, its scope, its pace."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from gridops.access import grid_operator_of
from gridops.api import problems
from gridops.api.authentication import TokenAuthentication
from gridops.models import MachineToken

SAFE = ("GET", "HEAD", "OPTIONS")


class IsGridOperator(BasePermission):
    """The token's owner has the role of a grid operator, still."""

    message = _("The owner of this token is no grid operator.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        return grid_operator_of(request.user) is not None


class MayOrder(BasePermission):
    """What changes something needs a token that may order."""

    message = _("This token may read only.")

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method in SAFE or getattr(view, "only_asks", False) or _scope(request) == _ORDER


_ORDER = MachineToken.Scope.ORDER


def _scope(request: Request) -> str:
    return request.auth.scope if isinstance(request.auth, MachineToken) else ""


class Pace(SimpleRateThrottle):
    """So many requests a minute for each token; those that have the optimiser work count apart."""

    scope = "machines"

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return f"machines.{self.scope}.{getattr(request.auth, 'pk', self.get_ident(request))}"


class SolvingPace(Pace):
    """Of previews and orders."""

    scope = "machines_solving"


class MachineView(APIView):
    """The base of all views here."""

    authentication_classes = (TokenAuthentication,)
    permission_classes = (IsAuthenticated, IsGridOperator, MayOrder)
    throttle_classes = (Pace,)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Without TLS the token was seen by whoever listened: it had better fail at the first try than work.
        if settings.HTTPS and not request.is_secure():
            raise PermissionDenied(_("Use https: a token that went without it should be revoked."))
        super().initial(request, *args, **kwargs)

    def get_exception_handler(self) -> Any:
        return problems.handle
