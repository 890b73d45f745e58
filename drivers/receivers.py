"""News from the floors below: chargers and plans."""

from typing import Any

from django.dispatch import receiver
from django.utils import timezone

from chargepoints import events
from drivers.services import lifecycle, sessions
from smac import events as plan_events


@receiver(events.transaction_started, dispatch_uid="drivers.transaction_started")
def on_transaction_started(transaction_id: int, **_: Any) -> None:
    lifecycle.transaction_started(transaction_id=transaction_id, now=timezone.now())


@receiver(events.transaction_ended, dispatch_uid="drivers.transaction_ended")
def on_transaction_ended(transaction_id: int, **_: Any) -> None:
    lifecycle.transaction_ended(transaction_id=transaction_id, now=timezone.now())


@receiver(events.command_settled, dispatch_uid="drivers.command_settled")
def on_command_settled(command_id: int, **_: Any) -> None:
    lifecycle.command_settled(command_id=command_id, now=timezone.now())


@receiver(plan_events.plan_made, dispatch_uid="drivers.plan_made")
def on_plan_made(plan_run_id: int, **_: Any) -> None:
    sessions.plan_made(plan_run_id=plan_run_id)
