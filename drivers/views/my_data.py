"""What is kept of the driver: to take along, to correct, to withdraw from, to erase. Needs no consent to the terms."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from drivers.services import my_data, terms
from drivers.views.access import logged_in


@logged_in
@require_safe
def show(request: HttpRequest) -> HttpResponseBase:
    """The page."""
    context = {
        "acceptances": terms.history(request.user),
        "is_accepted": terms.accepted_by(request.user),
        "section": "me",
    }
    return render(request, "drivers/my_data.html", context)


@logged_in
@require_safe
@never_cache
def export(request: HttpRequest) -> HttpResponseBase:
    """All of it as one JSON file, written while it is read."""
    now = timezone.now()
    pieces = my_data.export(driver=request.user, now=now)
    # Each server wants its own kind of pieces, and would gather the other kind in memory first.
    content = _in_turn(pieces) if isinstance(request, ASGIRequest) else pieces
    response = StreamingHttpResponse(content, content_type="application/json")
    # Django's GZip middleware makes each asynchronous piece a gzip file of its own; browsers read the first one only.
    response["Content-Encoding"] = "identity"
    response["Content-Disposition"] = f'attachment; filename="twinev-{now:%Y-%m-%d}.json"'
    return response


async def _in_turn(pieces: Iterator[str]) -> AsyncIterator[str]:
    fetch = sync_to_async(lambda: next(pieces, ""))
    while piece := await fetch():
        yield piece
