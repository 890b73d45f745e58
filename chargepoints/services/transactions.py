"""Transactions: facts are never refused, repeats change nothing, what makes no sense is kept apart."""

from decimal import Decimal
from typing import Any

from chargepoints.domain.tariff import CostBreakdown
from chargepoints.models import Transaction
from chargepoints.services import transaction_rows as rows
from chargepoints.services.transaction_end import Ended, end
from chargepoints.services.transaction_start import Started, start
from chargepoints.services.transaction_update import Updated, update

__all__ = ["Ended", "Started", "Updated", "cost_fields", "end", "settle", "start", "update"]


def settle(*, transaction_row: Transaction, cost: CostBreakdown) -> None:
    """Keep what a transaction cost, component by component."""
    Transaction.objects.filter(pk=transaction_row.pk).update(**cost_fields(cost))
    rows.tell(transaction_row)


def cost_fields(cost: CostBreakdown) -> dict[str, Any]:
    """A cost as a transaction's row keeps it."""
    components = {name: str(value) for name, value in vars(cost).items() if isinstance(value, Decimal)}
    return {"cost_amount": cost.total, "cost_currency": cost.currency, "cost_components": components}
