"""Which live topics a grid operator may hear."""

from typing import Any

from gridops.access import grid_operator_of

ORDERS = "orders"


def may_hear(user: Any, topic: str) -> bool:
    """News of orders say only that something changed; what changed is fetched with its own check."""
    return topic == ORDERS and grid_operator_of(user) is not None
