"""A session that runs or ran: card, details, end, pick-up, history."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from drivers.models import ChargeSession
from drivers.services import curves, progress, sessions
from drivers.services import receipt as receipts
from drivers.views.access import driver_required, is_fragment

_PAGE = 20


def own(request: HttpRequest, pk: int) -> ChargeSession:
    """The driver's own session; another driver's does not exist."""
    return get_object_or_404(sessions.with_relations(), pk=pk, driver=request.user)


@driver_required
@require_safe
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """The card as a fragment that refreshes itself; as a page for a look into the past."""
    session, now = own(request, pk), timezone.now()
    context = {"progress": progress.of(session=session, now=now), "now": now, "section": "charge"}
    template = "drivers/_card.html" if is_fragment(request) else "drivers/session.html"
    return render(request, template, context)


@driver_required
@require_safe
def details(request: HttpRequest, pk: int) -> HttpResponse:
    """Curves and the reason in words, for the dialog."""
    session, now = own(request, pk), timezone.now()
    template = "drivers/_details.html" if is_fragment(request) else "drivers/details.html"
    return render(request, template, {"progress": progress.of(session=session, now=now), "section": "charge"})


@driver_required
@require_safe
def chart(request: HttpRequest, pk: int) -> JsonResponse:
    """The charge curve, or with ``?part=context`` what it follows."""
    session, now = own(request, pk), timezone.now()
    draw = curves.context_curves if request.GET.get("part") == "context" else curves.charge_curve
    response = JsonResponse(draw(session=session, now=now))
    response["Cache-Control"] = "private, no-store"
    return response


@driver_required
@require_safe
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """Every component of the price, to be printed or kept; the figures are the card's."""
    session, now = own(request, pk), timezone.now()
    shown = progress.of(session=session, now=now)
    lines = receipts.lines(session=session, now=now)
    context = {"progress": shown, "session": session, "lines": lines, "section": "charge"}
    return render(request, "drivers/receipt.html", context)


@driver_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends the session by hand."""
    sessions.end(session=own(request, pk), now=timezone.now())
    return _card_again(request, pk)


@driver_required
@require_POST
def pick_up(request: HttpRequest, pk: int) -> HttpResponse:
    """The vehicle leaves; what remains is the receipt."""
    sessions.pick_up(session=own(request, pk), now=timezone.now())
    return _card_again(request, pk)


def _card_again(request: HttpRequest, pk: int) -> HttpResponse:
    if is_fragment(request):
        now = timezone.now()
        return render(request, "drivers/_card.html", {"progress": progress.of(session=own(request, pk), now=now)})
    return HttpResponseRedirect(reverse("drivers:session", args=[pk]))


@driver_required
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """Earlier sessions with what they cost."""
    page = Paginator(sessions.history(request.user), _PAGE).get_page(request.GET.get("page"))
    return render(request, "drivers/history.html", {"page_obj": page, "section": "charge"})
