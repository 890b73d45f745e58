"""News from the chargers: each only becomes a task, gathered with others of the same moment."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from chargepoints import events
from chargepoints.gathering import Gathering
from smac import tasks

# One worker does them one after the other: few enough that the others get their share.
_AT_A_TIME = 20


def _send(news: list[tuple[Any, ...]]) -> None:
    for first in range(0, len(news), _AT_A_TIME):
        tasks.follow.delay([list(one) for one in news[first : first + _AT_A_TIME]])


_news: Gathering[tuple[Any, ...]] = Gathering(_send)


@receiver(events.transaction_started)
def session_began(transaction_id: int, **kwargs: Any) -> None:
    _news.add(("attach_need", transaction_id))


@receiver(events.transaction_ended)
def session_ended(transaction_id: int, **kwargs: Any) -> None:
    _news.add(("close_need", transaction_id), ("settle_transaction", transaction_id))


@receiver(events.meter_values_stored)
def meter_values_stored(charge_point_id: int, transaction_id: int | None = None, **kwargs: Any) -> None:
    if transaction_id is not None:
        _news.add(("watch_session", transaction_id))


@receiver(events.charge_point_booted)
def charge_point_booted(charge_point_id: int, **kwargs: Any) -> None:
    _news.add(("replan_charge_point", charge_point_id, "charge point booted"))


@receiver(events.external_limit_changed)
def external_limit_changed(charge_point_id: int, **kwargs: Any) -> None:
    _news.add(("replan_charge_point", charge_point_id, "external limit changed"))


@receiver(events.charge_point_connected)
def charge_point_connected(charge_point_id: int, **kwargs: Any) -> None:
    _news.add(("replan_charge_point", charge_point_id, "charge point connected"))


@receiver(events.reservation_changed)
def reservation_changed(reservation_id: int, **kwargs: Any) -> None:
    _news.add(("replan_reservation", reservation_id))
