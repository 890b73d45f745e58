"""Pages by key: as quick at any depth, and what arrives meanwhile moves nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request

from gridops.api.problems import Wrong

USUAL, MOST = 100, 1000
# ``after``: the key in ``next`` of the page before.
PARAMETERS = [OpenApiParameter("after", OpenApiTypes.STR), OpenApiParameter("limit", OpenApiTypes.INT)]
_NAMES = {"after", "limit"}


def size_of(request: Request) -> int:
    """The rows that a page is to have. Raises Wrong."""
    text = request.query_params.get("limit", str(USUAL))
    if not text.isdecimal() or not 1 <= int(text[:5]) <= MOST:
        raise Wrong({"limit": [_("A whole number from 1 to %(most)d.") % {"most": MOST}]})
    return int(text)


def refuse_unknown(request: Request, known: Iterable[str] = ()) -> None:
    """A mistyped filter would else answer with everything. Raises Wrong."""
    unknown = sorted(set(request.query_params) - _NAMES - set(known))
    if unknown:
        raise Wrong({name: [_("There is no such filter.")] for name in unknown})


def page(request: Request, rows: QuerySet[Any], key: str) -> tuple[list[Any], str | None]:
    """The rows after the one with the key asked for, and the key for the next page (None: there is no more)."""
    size, after = size_of(request), request.query_params.get("after", "")
    left = rows.order_by(key)
    if after:
        left = left.filter(**{f"{key}__gt": _key(left, key, after)})
    found = list(left[: size + 1])
    return found[:size], str(getattr(found[size - 1], key)) if len(found) > size else None


def _key(rows: QuerySet[Any], name: str, text: str) -> Any:
    if name != "pk":
        return text
    if not text.isdecimal() or len(text) > 18:
        raise Wrong({"after": [_("This is no key of a page.")]})
    return int(text)


def body(request: Request, results: Sequence[Any], key: str | None) -> dict[str, Any]:
    """What a list answers: its rows, and the address of the next page."""
    if key is None:
        return {"results": results, "next": None}
    query = request.query_params.copy()
    query["after"] = key
    return {"results": results, "next": request.build_absolute_uri(f"{request.path}?{query.urlencode()}")}
