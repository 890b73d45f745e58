"""News from the chargers: each only sends a task."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from chargepoints import events
from smac import tasks


@receiver(events.transaction_started)
def session_began(transaction_id: int, **kwargs: Any) -> None:
    tasks.attach_need.delay(transaction_id)


@receiver(events.transaction_ended)
def session_ended(transaction_id: int, **kwargs: Any) -> None:
    tasks.close_need.delay(transaction_id)
    tasks.settle_transaction.delay(transaction_id)


@receiver(events.meter_values_stored)
def meter_values_stored(charge_point_id: int, transaction_id: int | None = None, **kwargs: Any) -> None:
    if transaction_id is not None:
        tasks.watch_session.delay(transaction_id)


@receiver(events.charge_point_booted)
def charge_point_booted(charge_point_id: int, **kwargs: Any) -> None:
    tasks.replan_charge_point.delay(charge_point_id, "charge point booted")


@receiver(events.external_limit_changed)
def external_limit_changed(charge_point_id: int, **kwargs: Any) -> None:
    tasks.replan_charge_point.delay(charge_point_id, "external limit changed")


@receiver(events.charge_point_connected)
def charge_point_connected(charge_point_id: int, **kwargs: Any) -> None:
    tasks.replan_charge_point.delay(charge_point_id, "charge point connected")
