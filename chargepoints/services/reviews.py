"""Doubtful transactions: what staff decide about them, and which energy is billed. The rules: docs/transactions.md."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from chargepoints import events
from chargepoints.domain.errors import Refused
from chargepoints.domain.metering import ENERGY_IMPORT
from chargepoints.domain.quarters import by_quarter
from chargepoints.domain.tariff import EnergySlice
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import Transaction, TransactionReview
from chargepoints.services import doubts, registers
from chargepoints.services import transaction_rows as rows

Decision = TransactionReview.Decision


def doubtful(transactions: QuerySet[Transaction]) -> QuerySet[Transaction]:
    """Those whose facts make no sense; ``is_decided``: staff have decided about them as they stand."""
    decided = TransactionReview.objects.filter(
        transaction=OuterRef("pk"), flaw=OuterRef("flaw"), energy_wh=OuterRef("energy_wh")
    )
    over = Q(state=TransactionState.QUARANTINED) | Q(ended_at__isnull=False)
    return transactions.filter(over).exclude(flaw="").annotate(is_decided=Exists(decided))


def in_force(transaction_row: Transaction) -> TransactionReview | None:
    """The newest decision about the facts as they are now; facts that came since ask again."""
    if not transaction_row.flaw:
        return None
    return transaction_row.reviews.filter(flaw=transaction_row.flaw, energy_wh=transaction_row.energy_wh).first()


def doubted_wh(transaction_row: Transaction) -> float:
    """The energy that only staff can have billed: all of a session that is to be checked, else what a last reading that
    cannot be true claims beyond what is believed."""
    if transaction_row.state == TransactionState.QUARANTINED:
        return transaction_row.energy_wh
    if transaction_row.flaw != doubts.DOUBTFUL_STOP or transaction_row.meter_stop_wh is None:
        return 0.0
    claimed_wh = transaction_row.meter_stop_wh - (transaction_row.meter_start_wh or 0.0)
    return max(claimed_wh - transaction_row.energy_wh, 0.0)


@transaction.atomic
def decide(
    *, transaction_row: Transaction, decision: str, decided_by: Any, now: datetime, note: str = ""
) -> TransactionReview:
    """Keep what somebody decided about a doubtful transaction. A later decision takes the place of an earlier one.

    :raises Refused: there is nothing to decide, or nothing that could be billed.
    """
    locked = Transaction.objects.select_for_update().get(pk=transaction_row.pk)
    energy_wh = doubted_wh(locked)
    if not doubtful(Transaction.objects.filter(pk=locked.pk)).exists():
        raise Refused(_("There is nothing to decide about this session."))
    if (decision == Decision.SEEN) == (energy_wh > 0):
        raise Refused(_("The facts have changed meanwhile. Please look again."))
    review = TransactionReview.objects.create(
        transaction=locked,
        decision=decision,
        flaw=locked.flaw,
        energy_wh=locked.energy_wh,
        doubted_wh=energy_wh,
        note=note.strip()[:200],
        decided_by=decided_by,
        decided_at=now,
    )
    events.announce(events.transaction_reviewed, transaction_id=locked.pk)
    rows.tell(locked)
    return review


def is_withheld(transaction_row: Transaction) -> bool:
    """Whether a session is to be checked and nobody has let it be billed: not even its fee is."""
    return transaction_row.state == TransactionState.QUARANTINED and not _is_accepted(transaction_row)


def billed_energy(transaction_row: Transaction) -> list[EnergySlice]:
    """The energy that is billed, by quarter of an hour: what is believed, and what staff accepted beyond it."""
    if is_withheld(transaction_row):
        return []
    believed = registers.quarter_hour_energy(transaction_row)
    if transaction_row.state == TransactionState.QUARANTINED or not _is_accepted(transaction_row):
        return believed
    return believed + _spread(doubted_wh(transaction_row), transaction_row)


def _is_accepted(transaction_row: Transaction) -> bool:
    review = in_force(transaction_row)
    return review is not None and review.decision == Decision.ACCEPTED


def _spread(energy_wh: float, transaction_row: Transaction) -> list[EnergySlice]:
    """Nobody knows when it passed: evenly from the last reading that is believed to the end."""
    if not energy_wh or transaction_row.ended_at is None:
        return []
    last = registers.register(transaction_row, ENERGY_IMPORT)[-1:]
    since = last[0][0] if last else transaction_row.started_at
    pieces = by_quarter([(since, 0.0), (transaction_row.ended_at, energy_wh)])
    return [EnergySlice(start, wh) for start, wh in pieces]
