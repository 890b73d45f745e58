"""What follows a form that was taken: a word, and the page that it changed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect

from chargepoints.requests import HtmxRequest

UNPROCESSABLE = 422


def done(request: HtmxRequest, address: str, words: str) -> HttpResponse:
    """Say it on the page at ``address``; a form in a drawer leaves the drawer for it."""
    messages.success(request, words)
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
