"""Who asks: a machine with its owner's token."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from gridops.models import MachineToken
from gridops.services import tokens

_KIND = b"bearer"


class TokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer twinev_…``. Cookies count for nothing here, so no other site can lend a log-in."""

    def authenticate(self, request: Request) -> tuple[Any, MachineToken] | None:
        kind, _space, text = get_authorization_header(request).partition(b" ")
        if kind.lower() != _KIND:
            return None
        now = timezone.now()
        token = tokens.find(text=text.decode("latin-1").strip(), now=now)
        if token is None:
            raise AuthenticationFailed(_("The token is unknown, expired or revoked."))
        tokens.note_use(token=token, now=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
