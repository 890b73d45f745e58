"""News from the floors below: chargers and plans."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from chargepoints import events
from chargepoints.gathering import Gathering
from drivers.services import happenings, lifecycle, sessions
from smac import events as plan_events


def _follow(news: list[lifecycle.News]) -> None:
    lifecycle.follow(news=news, now=timezone.now())


# A charger's answer does not wait for what its news mean to drivers.
_news = Gathering(_follow)


def _tell(reservation_ids: list[int]) -> None:
    for reservation_id in reservation_ids:
        happenings.reservation_changed(reservation_id=reservation_id, now=timezone.now())


_reservations = Gathering(_tell)


@receiver(events.transaction_started, dispatch_uid="drivers.transaction_started")
def on_transaction_started(transaction_id: int, **_: Any) -> None:
    _news.add(("started", transaction_id))


@receiver(events.transaction_ended, dispatch_uid="drivers.transaction_ended")
def on_transaction_ended(transaction_id: int, **_: Any) -> None:
    _news.add(("ended", transaction_id))


@receiver(events.transaction_reviewed, dispatch_uid="drivers.transaction_reviewed")
def on_transaction_reviewed(transaction_id: int, **_: Any) -> None:
    _news.add(("reviewed", transaction_id))


@receiver(events.command_settled, dispatch_uid="drivers.command_settled")
def on_command_settled(command_id: int, **_: Any) -> None:
    _news.add(("settled", command_id))


@receiver(events.reservation_changed, dispatch_uid="drivers.reservation_changed")
def on_reservation_changed(reservation_id: int, **_: Any) -> None:
    _reservations.add(reservation_id)


@receiver(plan_events.plan_made, dispatch_uid="drivers.plan_made")
def on_plan_made(plan_run_id: int, **_: Any) -> None:
    sessions.plan_made(plan_run_id=plan_run_id)
