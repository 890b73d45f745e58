"""The Status tab: the map, what can be selected on it, and the form of a new order."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from gridops import points as map_points
from gridops import selectors
from gridops.access import grid_operator_required
from gridops.forms import OrderForm
from gridops.map_words import words


@require_safe
@grid_operator_required
def status(request: HttpRequest) -> HttpResponse:
    """The workbench."""
    context = {
        "tab": "status",
        "form": OrderForm(user=request.user, now=timezone.now()),
        "groups": selectors.group_tree(request.user),
        "words": words(),
    }
    return render(request, "gridops/status.html", context)


@require_safe
@grid_operator_required
def points(request: HttpRequest) -> HttpResponse:
    """The charge points, their connections and groups: what seldom changes, so that it is sent only once."""
    body = json.dumps(map_points.layout(request.user), separators=(",", ":"), ensure_ascii=False).encode()
    etag = f'"{blake2b(body, digest_size=12).hexdigest()}"'
    return cast(HttpResponse, get_conditional_response(request, etag=etag, response=_json(body, etag)))


def _json(body: bytes, etag: str) -> HttpResponse:
    response = HttpResponse(body, content_type="application/json", headers={"ETag": etag})
    patch_cache_control(response, private=True, no_cache=True)
    return response


@require_safe
@grid_operator_required
def news(request: HttpRequest) -> JsonResponse:
    """What the charge points do now; only what changed for whoever names the version last told."""
    told = map_points.news(request.user, since=request.GET.get("since", ""))
    response = JsonResponse(told, json_dumps_params={"separators": (",", ":")})
    patch_cache_control(response, no_store=True)
    return response


@require_safe
@grid_operator_required
def search(request: HttpRequest) -> HttpResponse:
    """Suggestions for the search box."""
    text = request.GET.get("q", "").strip()
    found = selectors.suggestions(request.user, text) if text else []
    return render(request, "gridops/_suggestions.html", {"found": found, "text": text})
