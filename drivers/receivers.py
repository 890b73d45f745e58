"""News from the charge points' floor."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from chargepoints import events
from drivers.services import lifecycle


@receiver(events.transaction_started, dispatch_uid="drivers.transaction_started")
def on_transaction_started(transaction_id: int, **_: Any) -> None:
    lifecycle.transaction_started(transaction_id=transaction_id, now=timezone.now())


@receiver(events.transaction_ended, dispatch_uid="drivers.transaction_ended")
def on_transaction_ended(transaction_id: int, **_: Any) -> None:
    lifecycle.transaction_ended(transaction_id=transaction_id, now=timezone.now())


@receiver(events.command_settled, dispatch_uid="drivers.command_settled")
def on_command_settled(command_id: int, **_: Any) -> None:
    lifecycle.command_settled(command_id=command_id, now=timezone.now())
