"""One charge point: what it is, what it has, what it said of itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from chargepoints.models import ChargePoint, Operator
from chargepoints.requests import HtmxRequest
from chargepoints.services import offline, quirks
from dashboard.access import staff_required, topic
from dashboard.forms.charge_points import DialectForm, OfflineForm, ProfileForm
from dashboard.selectors import charge_points

Context = dict[str, Any]


def _overview(request: HtmxRequest, row: ChargePoint) -> Context:
    return {
        "sessions": charge_points.sessions_to_check(row),
        "reservations": charge_points.open_reservations(row),
        "security_events": row.security_events.all()[: charge_points.NEWEST],
        "frames": charge_points.newest_frames(row),
    }


def _plan(request: HtmxRequest, row: ChargePoint) -> Context:
    return {
        "profiles": charge_points.profiles(row),
        "over_limit": charge_points.over_their_limit(row),
        "limits": charge_points.external_limits(row),
        "comparisons": charge_points.comparisons(row),
        "reported": row.reported_profiles.all()[: charge_points.NEWEST],
    }


def _configuration(request: HtmxRequest, row: ChargePoint) -> Context:
    text = request.GET.get("q", "")
    return {
        "variables": charge_points.variables(row, text=text),
        "text": text,
        "report": row.device_reports.first(),
        "list_size": row.local_list.count(),
    }


def _maintenance(request: HtmxRequest, row: ChargePoint) -> Context:
    return {
        "updates": row.firmware_updates.all()[: charge_points.NEWEST],
        "logs": row.log_uploads.all()[: charge_points.NEWEST],
        "certificates": row.certificates.all()[: charge_points.NEWEST],
    }


def _setup(request: HtmxRequest, row: ChargePoint) -> Context:
    return {
        "offline_form": OfflineForm(initial={"behaviour": row.offline_behaviour}),
        "offline_settings": offline.state(row),
        "dialect_form": DialectForm(initial={"name": row.dialect if row.dialect_is_fixed else DialectForm.FOUND}),
        "dialect_source": quirks.dialect_source(row),
        "profile_form": ProfileForm(initial={"profile": row.security_profile}),
        "security_commands": charge_points.security_commands(row),
    }


PARTS: dict[str, Callable[[HtmxRequest, ChargePoint], Context]] = {
    "overview": _overview,
    "plan": _plan,
    "configuration": _configuration,
    "maintenance": _maintenance,
    "setup": _setup,
}


@staff_required
def details(request: HtmxRequest, pk: int, operator: Operator, part: str = "overview") -> HttpResponse:
    """One part of a charge point's page, whole or, for htmx, alone."""
    row = get_object_or_404(charge_points.of_operator(operator), pk=pk)
    context = {
        "operator": operator,
        "section": "locations",
        "charge_point": row,
        "place": row.supply_point.location,
        "part": part,
        "part_template": f"dashboard/charge_point/_{part}.html",
        "topic": topic(operator, "locations"),
        **PARTS[part](request, row),
    }
    template = "dashboard/charge_point/_page.html" if request.htmx else "dashboard/charge_point/page.html"
    return render(request, template, context)
