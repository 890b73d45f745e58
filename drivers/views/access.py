"""Who may use the app: drivers who are logged in and have accepted the terms."""

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from drivers.services import terms


def logged_in(view: Any) -> Any:
    """Strangers go to the log-in page and come back."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _leave(request, resolve_url(settings.LOGIN_URL))
        return view(request, *args, **kwargs)

    return guarded


def driver_required(view: Any) -> Any:
    """Logged in, and the terms accepted; else first there, then back."""

    @logged_in
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not terms.accepted_by(request.user):
            return _leave(request, reverse("drivers:terms"))
        return view(request, *args, **kwargs)

    return guarded


def is_fragment(request: HttpRequest) -> bool:
    """Whether a part of the page was asked for, not all of it."""
    return bool(getattr(request, "htmx", False))


def back(request: HttpRequest, *, default: str) -> str:
    """The address in ``next``, when it is ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    hosts = {request.get_host()}
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=hosts, require_https=request.is_secure())
    return wanted if ours else default


def _leave(request: HttpRequest, address: str) -> HttpResponse:
    """A whole new page, also when only a fragment was asked for."""
    htmx = getattr(request, "htmx", None)
    if htmx:
        here = htmx.current_url_abs_path or reverse("drivers:map")
        return HttpResponseClientRedirect(f"{address}?{urlencode({'next': here})}")
    here = request.get_full_path() if request.method == "GET" else reverse("drivers:map")
    return HttpResponseRedirect(f"{address}?{urlencode({'next': here})}")
