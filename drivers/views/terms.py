"""The terms of use: anybody may read them, a driver accepts them."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from drivers.services import terms
from drivers.views.access import back, logged_in


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The text, and below it the one button."""
    if request.method == "POST":
        return _accept(request)
    is_accepted = request.user.is_authenticated and terms.accepted_by(request.user)
    context = {
        "version": terms.CURRENT_VERSION,
        "is_accepted": is_accepted,
        "next": back(request, default=reverse("drivers:map")),
    }
    return render(request, "drivers/terms.html", context)


@logged_in
def _accept(request: HttpRequest) -> HttpResponse:
    terms.accept(driver=request.user, now=timezone.now())
    return HttpResponseRedirect(back(request, default=reverse("drivers:map")))
