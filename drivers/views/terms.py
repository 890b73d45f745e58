"""The terms of use: anybody may read them, a driver accepts them, and may take that back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chargepoints.domain.errors import Refused
from drivers.services import terms
from drivers.views.access import back, logged_in


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The text, and below it the one button; ``version`` asks for an older text, to read."""
    if request.method == "POST":
        return _accept(request)
    version = terms.version(request.GET.get("version", ""))
    context = {
        "version": version,
        "versions": reversed(terms.VERSIONS),
        "is_current": version.number == terms.CURRENT_VERSION,
        "is_accepted": request.user.is_authenticated and terms.accepted_by(request.user),
        "is_known": request.user.is_authenticated and terms.history(request.user).exists(),
        "next": back(request, default=reverse("drivers:map")),
    }
    return render(request, "drivers/terms.html", context)


@logged_in
def _accept(request: HttpRequest) -> HttpResponse:
    terms.accept(driver=request.user, now=timezone.now())
    return HttpResponseRedirect(back(request, default=reverse("drivers:map")))


@logged_in
@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """Takes the consent back."""
    try:
        if terms.withdraw(driver=request.user, now=timezone.now()):
            messages.success(request, _("Your consent is withdrawn. Your data stays until you erase it."))
    except Refused as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("drivers:my-data"))
