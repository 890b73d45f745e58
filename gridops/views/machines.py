"""Access for machines: everybody makes, sees and revokes the own, nobody another's."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chargepoints.domain.errors import Refused
from gridops.access import grid_operator_required
from gridops.machine_forms import MachineForm
from gridops.models import MachineToken, ServerLink
from gridops.services import tokens

_WRONG = 422


@require_safe
@grid_operator_required
def index(request: HttpRequest) -> HttpResponse:
    """The own tokens, and how it goes with the own server, where one is followed."""
    user: Any = request.user
    rows = MachineToken.objects.filter(user=user)
    link = ServerLink.objects.filter(user=user).first()
    context = {"tab": "machines", "rows": rows, "now": timezone.now(), "link": link, "api": _api()}
    if link is not None:
        context["events"] = link.events.filter(gone_at=None)[:20]
    return render(request, "gridops/machines.html", context)


def _api() -> str:
    return f"{settings.PUBLIC_URL}{reverse('gridops-api:orders').removesuffix('orders')}"


@require_http_methods(["GET", "HEAD", "POST"])
@grid_operator_required
@never_cache
def add(request: HttpRequest) -> HttpResponse:
    """A new token, which the answer shows for the only time."""
    form, now = MachineForm(request.POST or None), timezone.now()
    if request.method == "POST" and form.is_valid():
        try:
            row, text = tokens.make(user=request.user, now=now, **form.values(now))
            return _answer(request, "_machine_made", {"row": row, "text": text})
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _answer(request, "_machine_form", {"form": form}, status=_WRONG if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@grid_operator_required
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks once, then ends the token."""
    row = get_object_or_404(MachineToken, pk=pk, user=request.user)
    if request.method != "POST":
        return _answer(request, "_machine_revoke", {"row": row})
    tokens.revoke(token=row, now=timezone.now())
    messages.success(request, _("The access is revoked."))
    home = reverse("gridops:machines")
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": home})
    return HttpResponseRedirect(home)


def _answer(request: HttpRequest, part: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """The part alone in a dialog; as a page of its own without scripts."""
    fragment = request.headers.get("HX-Request") == "true"
    template = f"gridops/{part}.html" if fragment else "gridops/machine.html"
    return render(request, template, {**context, "tab": "machines", "part": f"gridops/{part}.html"}, status=status)
