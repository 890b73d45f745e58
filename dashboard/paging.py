"""Pages by key: as quick at any depth, and a row that arrives meanwhile moves no page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
ROWS = 25


@dataclass(frozen=True)
class KeyPage(Generic[Row]):
    """Newest first. ``older`` is the key to go on with, None on the last page."""

    rows: list[Row]
    older: int | None
    is_first: bool


def page(rows: QuerySet[Any], before: str | None, *, size: int = ROWS) -> KeyPage[Any]:
    """The rows with a primary key below ``before`` (all, where that is no number), newest first."""
    key = int(before) if before and before.isdigit() else None
    if key is not None:
        rows = rows.filter(pk__lt=key)
    found = list(rows.order_by("-pk")[: size + 1])
    older = found[size - 1].pk if len(found) > size else None
    return KeyPage(found[:size], older, key is None)
