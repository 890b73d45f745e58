"""The icon in the top bar, as a fragment that refreshes itself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from drivers.services import status
from drivers.views.access import logged_in


@logged_in
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """What is under way."""
    return render(request, "drivers/_status.html", {"status": status.of(driver=request.user, now=timezone.now())})
