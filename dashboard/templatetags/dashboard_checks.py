"""Words and colours of doubtful sessions."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from chargepoints.domain.transaction import TransactionState
from chargepoints.models import Transaction, TransactionReview
from chargepoints.services import reviews

register = template.Library()
_LOOK = {"accepted": "finished", "declined": "offline", "seen": "neutral"}


@register.filter
def doubted(row: Transaction) -> float:
    """The energy (Wh) that is billed only when staff accept it."""
    return reviews.doubted_wh(row)


@register.filter
def billed(row: Transaction, review: TransactionReview | None = None) -> float:
    """The energy (Wh) that is billed by the decision that holds, if there is one."""
    certain_wh = 0.0 if row.state == TransactionState.QUARANTINED else row.energy_wh
    accepted = review is not None and review.decision == TransactionReview.Decision.ACCEPTED
    return certain_wh + reviews.doubted_wh(row) if accepted else certain_wh


@register.filter
def decision_look(review: TransactionReview) -> str:
    """The state colour of a decision."""
    return _LOOK[review.decision]


@register.simple_tag
def reading_flaw_words(flaw: str) -> str:
    """Why a reading of the meter is not believed."""
    words = {
        "backwards": _("less than before"),
        "jump": _("more than the charger can deliver in that time"),
        "early": _("older than the session"),
        "unit": _("in a unit that does not fit"),
        "range": _("not between 0 and 100 percent"),
        "unreadable": _("not a number"),
    }
    return words.get(flaw, flaw)
