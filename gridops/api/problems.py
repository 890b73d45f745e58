"""Errors as RFC 9457 has them (application/problem+json), in the caller's language."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import exception_handler, set_rollback

from chargepoints.domain.errors import Refused
from gridops.services.once import KeyReused

MEDIA_TYPE = "application/problem+json"
KEY_REUSED = gettext_lazy("This key was used for another order: take a new key for a new order.")


class Problem(exceptions.APIException):
    """One of our own: a status, a name of its kind, and words."""

    def __init__(self, status: int, code: str, detail: Any) -> None:
        super().__init__(detail, code)
        self.status_code = status


class Wrong(exceptions.ValidationError):
    """Something in the request has to be put right."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's hook: the answer to an error, None for what is no answer but a fault of ours."""
    found = _known(error)
    answer = exception_handler(found, context)
    if answer is None:
        return None
    set_rollback()
    status = int(answer.status_code)
    headers = {name: value for name, value in answer.items() if name in ("WWW-Authenticate", "Retry-After")}
    return Response(_body(found, status), status, headers=headers, content_type=MEDIA_TYPE)


def _known(error: Exception) -> Exception:
    if isinstance(error, Refused):
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, error.code, str(error))
    if isinstance(error, KeyReused):
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "key-reused", str(KEY_REUSED))
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, exceptions.ValidationError):
        return Wrong(error.detail)
    return error


def _body(error: Exception, status: int) -> dict[str, Any]:
    body: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    if isinstance(error, exceptions.ValidationError):
        errors = [{"field": field, "detail": text} for field, text in _fields(error.detail)]
        return {**body, "code": "invalid", "detail": _("Some fields are missing or wrong."), "errors": errors}
    assert isinstance(error, exceptions.APIException)
    return {**body, "code": str(error.get_codes()), "detail": str(error.detail)}


def _fields(detail: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Each error with the way to its field, as ``charge_points.3``; of the whole: an empty one."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            whole = name == api_settings.NON_FIELD_ERRORS_KEY
            yield from _fields(inner, path if whole else f"{path}.{name}".lstrip("."))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _fields(inner, path)
    else:
        yield path, str(detail)
