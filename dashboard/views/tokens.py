"""The operator's own charge cards: who may charge, until when, and who may end any session."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chargepoints.domain.errors import Refused
from chargepoints.models import IdToken, Operator
from chargepoints.requests import HtmxRequest
from chargepoints.services import id_tokens
from dashboard.access import staff_required
from dashboard.answers import UNPROCESSABLE, done
from dashboard.filters import TokenFilter
from dashboard.forms.tokens import MasterPassForm, NewTokenForm, TokenForm, of_token, zone_of
from dashboard.paging import page
from dashboard.selectors import tokens


@staff_required
def index(request: HtmxRequest, operator: Operator) -> HttpResponse:
    """The newest cards that fit the search."""
    filtered = TokenFilter(request.GET, queryset=tokens.of_operator(operator), operator=operator)
    context = {
        "operator": operator,
        "section": "tokens",
        "filter": filtered,
        "page": page(filtered.qs, request.GET.get("before")),
        "now": timezone.now(),
        "zone": zone_of(operator),
        "keepers": tokens.keepers(operator).count(),
        "master_form": MasterPassForm(initial={"group": operator.master_pass_group}),
    }
    template = "dashboard/_tokens.html" if request.htmx else "dashboard/tokens.html"
    return render(request, template, context)


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HtmxRequest, operator: Operator) -> HttpResponse:
    """Enter a card."""
    form = NewTokenForm(request.POST or None, operator=operator)
    if request.method == "POST" and form.is_valid():
        try:
            id_tokens.issue(operator=operator, **form.cleaned_data)
            return done(request, reverse("dashboard:tokens"), _("The card is entered."))
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _show(request, operator, "add", {"form": form})


@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HtmxRequest, pk: int, operator: Operator) -> HttpResponse:
    """One card in a drawer: its form, who knows it, and its block."""
    row = get_object_or_404(tokens.of_operator(operator), pk=pk)
    form = TokenForm(request.POST or None, initial=of_token(row, operator), operator=operator)
    if request.method == "POST" and form.is_valid():
        try:
            id_tokens.change(id_token=row, **form.cleaned_data)
            return done(request, reverse("dashboard:tokens"), _("The card is changed."))
        except Refused as refusal:
            form.add_error("parent", str(refusal))
    return _show(request, operator, "edit", {"form": form, "token": row, **_lists(row, operator)})


@staff_required
@require_POST
def block(request: HtmxRequest, pk: int, operator: Operator) -> HttpResponse:
    """Block a card, or take the block back."""
    row = get_object_or_404(tokens.of_operator(operator), pk=pk)
    blocked = row.status != IdToken.Status.BLOCKED
    id_tokens.set_blocked(id_token=row, blocked=blocked)
    return done(
        request, reverse("dashboard:tokens"), _("The card is blocked.") if blocked else _("The card works again.")
    )


@staff_required
@require_POST
def master_pass(request: HtmxRequest, operator: Operator) -> HttpResponse:
    """Name the group whose cards end any session."""
    form = MasterPassForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("This is too long for a group."))
        return redirect("dashboard:tokens")
    try:
        id_tokens.set_master_pass_group(operator=operator, group=form.cleaned_data["group"])
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("dashboard:tokens")
    return done(request, reverse("dashboard:tokens"), _("The master pass is changed. Chargers are told."))


def _lists(row: IdToken, operator: Operator) -> dict[str, Any]:
    entries = tokens.entries_of(row, operator)
    return {"entries": entries.count(), "keepers": tokens.keepers(operator).count()}


def _show(request: HtmxRequest, operator: Operator, what: str, context: dict[str, Any]) -> HttpResponse:
    template = "dashboard/_token_form.html" if request.htmx else "dashboard/token.html"
    wrong = context["form"].is_bound
    context = {"operator": operator, "section": "tokens", "what": what, "zone": zone_of(operator), **context}
    return render(request, template, context, status=UNPROCESSABLE if wrong else 200)
