"""News that travels up: each signal carries ids only and is sent after commit.

A receiver above enqueues a task or nudges a group; it decides nothing.
"""

from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import Signal

charge_point_connected = Signal()  # charge_point_id
charge_point_disconnected = Signal()  # charge_point_id
charge_point_booted = Signal()  # charge_point_id
status_changed = Signal()  # charge_point_id, connector_id
transaction_started = Signal()  # transaction_id
transaction_ended = Signal()  # transaction_id
transaction_reviewed = Signal()  # transaction_id: what is billed of an ended one may have changed
meter_values_stored = Signal()  # charge_point_id, transaction_id or None
reservation_changed = Signal()  # reservation_id
command_settled = Signal()  # command_id
external_limit_changed = Signal()  # charge_point_id


def announce(signal: Signal, **ids: Any) -> None:
    """Send a signal after the current transaction's commit (at once when there is none).

    A receiver that fails is logged and never undoes what is already stored.
    """
    transaction.on_commit(partial(signal.send_robust, sender=None, **ids))
