"""An order that is given once, however often it is asked for.

A machine that got no answer asks again. Its key then finds what the first time came to; a key that comes with other
contents is a mistake that nobody should guess at.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from gridops.models import OrderKey
from smac.models import FlexOrder

KEPT = timedelta(days=30)


class KeyReused(Exception):
    """The key was used before, for something else."""


@dataclass(frozen=True)
class Given:
    """What the key stands for; ``is_repeated``: it did before."""

    order: FlexOrder
    answer: dict[str, Any]
    is_repeated: bool


# Of one request both the order and its key are saved, or neither: the transaction is what decides between two at once.
@transaction.atomic
def give(
    *,
    user: Any,
    key: str,
    asked: Any,
    now: datetime,
    save: Callable[[], FlexOrder],
    told: Callable[[FlexOrder], dict[str, Any]] = lambda _order: {},
) -> Given:
    """Give an order under a key, or find it.

    ``asked``: what was asked for, as JSON would have it; ``save`` gives the order; ``told``: what is answered.
    Raises KeyReused, and what ``save`` raises: then the key is free again.
    """
    row, is_new = OrderKey.objects.get_or_create(
        user=user, key=key, defaults={"digest": digest_of(asked), "created_at": now, "order": None}
    )
    if is_new:
        row.order = save()
        row.answer = json.dumps(told(row.order))
        row.save(update_fields=["order", "answer"])
    return _given(row, asked, is_repeated=not is_new)


def known(*, user: Any, key: str, asked: Any) -> Given | None:
    """What a key stands for, also where the same could not be ordered any more. Raises KeyReused."""
    row = OrderKey.objects.filter(user=user, key=key).select_related("order").first()
    return None if row is None else _given(row, asked, is_repeated=True)


def _given(row: OrderKey, asked: Any, *, is_repeated: bool) -> Given:
    if row.digest != digest_of(asked) or row.order is None:
        raise KeyReused
    return Given(row.order, json.loads(row.answer), is_repeated)


def digest_of(asked: Any) -> str:
    """The same for the same wish, in whatever order its parts come."""
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def forget(*, now: datetime) -> int:
    """Drop keys that nobody asks with any more; how many."""
    return OrderKey.objects.filter(created_at__lt=now - KEPT).delete()[0]
