"""What the app has told its driver, and whether it may wake this browser."""

import json
from datetime import datetime, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from chargepoints.domain.errors import Refused
from drivers.forms.push import SubscriptionForm
from drivers.models import Notice
from drivers.services import notices, push
from drivers.views.access import is_fragment, logged_in

_PAGE = 30
_NEW_FOR = timedelta(minutes=1)
UNPROCESSABLE = 422


@logged_in
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The list."""
    now = timezone.now()
    page = Paginator(notices.of(request.user), _PAGE).get_page(request.GET.get("page"))
    context = {
        "notices": [(row, notices.title_of(row), notices.text_of(row), _is_new(row, now)) for row in page],
        "page_obj": page,
        "unread": notices.unread_count(request.user),
        "section": "me",
    }
    return render(request, "drivers/_notices.html" if is_fragment(request) else "drivers/notices.html", context)


@logged_in
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Said by the list itself once it has been open for a moment."""
    notices.mark_read(user=request.user, now=timezone.now())
    return HttpResponse(status=204)


def _is_new(notice: Notice, now: datetime) -> bool:
    """The list refreshes itself: what was new when it was opened stays marked for a while."""
    return notice.read_at is None or now - notice.read_at < _NEW_FOR


@logged_in
@require_safe
def badge(request: HttpRequest) -> HttpResponse:
    """The bell in the top bar."""
    return render(request, "drivers/_bell.html", {"unread": notices.unread_count(request.user)})


@logged_in
@require_POST
def subscribe(request: HttpRequest) -> HttpResponse:
    """This browser may be woken."""
    form = SubscriptionForm.of(_told(request))
    if not form.is_valid():
        return JsonResponse({"error": "not a subscription"}, status=UNPROCESSABLE)
    try:
        push.subscribe(user=request.user, now=timezone.now(), **form.cleaned_data)
    except Refused as error:
        return JsonResponse({"error": str(error)}, status=UNPROCESSABLE)
    return HttpResponse(status=204)


@logged_in
@require_POST
def unsubscribe(request: HttpRequest) -> HttpResponse:
    """This browser is to be left alone."""
    told = _told(request)
    push.unsubscribe(user=request.user, endpoint=str(told.get("endpoint", "")))
    return HttpResponse(status=204)


def _told(request: HttpRequest) -> dict[str, Any]:
    try:
        told = json.loads(request.body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
