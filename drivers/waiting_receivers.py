"""News from chargers for those who wait for one."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from chargepoints import events
from chargepoints.gathering import Gathering
from drivers.services import waiting


def _freed(charge_point_ids: list[int]) -> None:
    waiting.freed(charge_point_ids=charge_point_ids, now=timezone.now())


def _moved(reservation_ids: list[int]) -> None:
    for reservation_id in reservation_ids:
        waiting.reservation_moved(reservation_id=reservation_id, now=timezone.now())


def _ended(transaction_ids: list[int]) -> None:
    for transaction_id in transaction_ids:
        waiting.transaction_ended(transaction_id=transaction_id, now=timezone.now())


_points = Gathering(_freed)
_reservations = Gathering(_moved)
_transactions = Gathering(_ended)


@receiver(events.status_changed, dispatch_uid="drivers.waiting.status_changed")
@receiver(events.charge_point_connected, dispatch_uid="drivers.waiting.charge_point_connected")
def on_charger_news(charge_point_id: int, **_: Any) -> None:
    _points.add(charge_point_id)


@receiver(events.reservation_changed, dispatch_uid="drivers.waiting.reservation_changed")
def on_reservation_changed(reservation_id: int, **_: Any) -> None:
    _reservations.add(reservation_id)


@receiver(events.transaction_ended, dispatch_uid="drivers.waiting.transaction_ended")
def on_transaction_ended(transaction_id: int, **_: Any) -> None:
    _transactions.add(transaction_id)
