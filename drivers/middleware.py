"""Whose an answer is, for the worker that keeps copies for the time without a connection (sw.js)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import salted_hmac

OWNER = "X-TwinEV-Owner"
NOBODY = "nobody"


class OwnerMiddleware:
    """Names the owner of each answer of the drivers' app; all other answers are never kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        match = request.resolver_match
        if match is not None and match.app_name == "drivers" and request.method == "GET":
            response.headers[OWNER] = owner_of(request)
        return response


def owner_of(request: HttpRequest) -> str:
    """The same for each answer to one person, and telling nobody who that is."""
    if not request.user.is_authenticated:
        return NOBODY
    return salted_hmac("drivers.middleware", str(request.user.pk)).hexdigest()[:24]
