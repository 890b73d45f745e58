"""The Campaigns tab: offers to the drivers of an area, from the form to what came of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chargepoints.domain.errors import Refused
from gridops import campaigns, csv_text
from gridops.access import grid_operator_required
from gridops.campaign_forms import CampaignForm
from gridops.campaigns import CampaignRow
from gridops.selectors import group_tree
from gridops.services import campaign_files
from smac.models import Campaign
from smac.services.campaigns import announcing, reaching

_WRONG = 422
_PAGE = 20


def find(request: HttpRequest, pk: int) -> CampaignRow:
    """The offer, if all of its charge points are the user's; else 404."""
    campaign = get_object_or_404(campaigns.campaigns_of(request.user), pk=pk)
    return campaigns.rows([campaign], timezone.now())[0]


@require_safe
@grid_operator_required
def index(request: HttpRequest) -> HttpResponse:
    """All offers, the newest first; to htmx the table alone."""
    found = campaigns.campaigns_of(request.user).order_by("-created_at", "-pk")
    page = Paginator(found, _PAGE).get_page(request.GET.get("page"))
    context = {"tab": "campaigns", "page_obj": page, "rows": campaigns.rows(page, timezone.now())}
    return _part_or_page(request, "_campaigns", "campaigns", context)


@require_http_methods(["GET", "HEAD", "POST"])
@grid_operator_required
def add(request: HttpRequest) -> HttpResponse:
    """The form of a new offer, and its announcement."""
    now = timezone.now()
    form = CampaignForm(request.POST or None, user=request.user, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            campaign = announcing.announce(
                created_by=request.user, message=form.cleaned_data["message"], now=now, **form.offer()
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The offer is announced: its drivers are being told."))
            return HttpResponseRedirect(reverse("gridops:campaign", args=[campaign.pk]))
    context = {"tab": "campaigns", "form": form, "groups": group_tree(request.user)}
    return render(request, "gridops/campaign_new.html", context, status=_WRONG if form.is_bound else 200)


@require_POST
@grid_operator_required
def preview(request: HttpRequest) -> HttpResponse:
    """Whom the offer would reach and what it could cost, as it stands in the form; nothing is saved."""
    now = timezone.now()
    form = CampaignForm(request.POST, user=request.user, now=now)
    return render(request, "gridops/_campaign_preview.html", _preview(form, request.user, now))


def _preview(form: CampaignForm, user: Any, now: datetime) -> dict[str, Any]:
    if not form.is_valid():
        return {"problems": [f"{form[name].label}: {errors[0]}" for name, errors in form.errors.items()]}
    offer = form.offer()
    points = offer.pop("charge_points")
    try:
        announcing.check(Campaign(created_by=user, created_at=now, **offer), points, now)
    except Refused as refusal:
        return {"problems": [str(refusal)]}
    direction = offer.pop("direction")
    reach = reaching.reach(charge_points=points, now=now, **offer)
    return {"reach": reach, "is_less": direction == Campaign.Direction.LESS, "zone": form.zone, **offer}


@require_safe
@grid_operator_required
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """One offer with its live uptake; to htmx the uptake alone."""
    return _part_or_page(request, "_campaign_uptake", "campaign", {"tab": "campaigns", "row": find(request, pk)})


@require_safe
@grid_operator_required
def chart(request: HttpRequest, pk: int) -> JsonResponse:
    """What the participants would draw, promised and drew."""
    return JsonResponse(campaign_files.chart(find(request, pk).campaign, now=timezone.now()))


@require_safe
@grid_operator_required
def result_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """The sums by quarter hour, as a file."""
    row = find(request, pk)
    name = f"twinev-offer-{row.campaign.pk}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    lines = csv_text.lines(campaign_files.lines(row))
    return HttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@grid_operator_required
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then take the offer back."""
    row = find(request, pk)
    if request.method != "POST":
        return _part_or_page(request, "_campaign_withdraw", "campaign_withdraw", {"tab": "campaigns", "row": row})
    try:
        announcing.withdraw(campaign=row.campaign, now=timezone.now())
        messages.success(request, _("The offer is withdrawn."))
    except Refused as refusal:
        messages.warning(request, str(refusal))
    return HttpResponseRedirect(reverse("gridops:campaign", args=[pk]))


def _part_or_page(request: HttpRequest, part: str, page: str, context: dict[str, Any]) -> HttpResponse:
    template = part if request.headers.get("HX-Request") else page
    answer = render(request, f"gridops/{template}.html", context)
    patch_vary_headers(answer, ["HX-Request"])
    return answer
