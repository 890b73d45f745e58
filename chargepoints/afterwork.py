"""What follows from a charger's message, and what its answer does not wait for: a worker does it.

In a process that gathers nothing (``settings.NEWS_GATHERED_S`` is 0) it is done at once, in the same transaction. A
task may be lost: for each kind a sweep finds in the rows what was not done.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from celery import current_app
from django.conf import settings
from django.db import transaction

from chargepoints.gathering import Gathering

logger = logging.getLogger(__name__)
Work = Callable[[int, datetime], None]
Item = tuple[str, int]
# One worker does them one after the other: few enough that the others get their share.
_AT_A_TIME = 20
_TASK = "chargepoints.tasks.follow"
_kinds: dict[str, Work] = {}


def follows(kind: str) -> Callable[[Work], Work]:
    """Register what is done (with a row's key and the time) after things of this kind."""

    def register(work: Work) -> Work:
        _kinds[kind] = work
        return work

    return register


def leave(kind: str, pk: int, now: datetime) -> None:
    """Have done what follows, once the current transaction is committed."""
    if settings.NEWS_GATHERED_S:
        transaction.on_commit(partial(_left.add, (kind, pk)))
    else:
        _kinds[kind](pk, now)


def do(items: Sequence[Item], now: datetime) -> None:
    """Do what was left. What fails keeps nothing else back; its sweep tries again."""
    for kind, pk in items:
        try:
            with transaction.atomic():
                _kinds[kind](pk, now)
        except Exception:
            logger.exception("what follows could not be done", extra={"kind": kind, "about": pk})


def _send(items: list[Item]) -> None:
    for first in range(0, len(items), _AT_A_TIME):
        current_app.send_task(_TASK, args=[items[first : first + _AT_A_TIME]])


_left: Gathering[Item] = Gathering(_send)
