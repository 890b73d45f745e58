"""What staff should know of a charger's profiles."""

import pytest

from chargepoints.domain.profile_limits import Adaptation
from chargepoints.models import ChargingProfile, Transaction
from chargepoints.selectors import smart_charging as selectors
from chargepoints.selectors.smart_charging import Verdict
from chargepoints.services import quirks
from tests.chargepoints.services.plans import STEPS, answer, default, plan, read, session, waiting
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def verdict(row: Transaction) -> Verdict:
    (found,) = selectors.comparisons(row.charge_point)
    return found.verdict


def test_a_charger_is_unknown_then_agrees_then_is_told_again_then_differs() -> None:
    row = session()
    answer(default(row.charge_point))
    answer(plan(row))
    assert verdict(row) == Verdict.UNKNOWN
    read(row.evse, [])
    assert verdict(row) == Verdict.UNKNOWN
    read(row.evse, STEPS)
    assert verdict(row) == Verdict.AGREES
    read(row.evse, [(0, 11_000.0)])
    assert verdict(row) == Verdict.TOLD_AGAIN
    for command in waiting(row.charge_point):
        answer(command)
    read(row.evse, [(0, 11_000.0)])
    assert verdict(row) == Verdict.DIFFERS


def test_sessions_over_their_limit_are_the_charger_s_own_and_newest_first() -> None:
    row, other = session(), session()
    Transaction.objects.update(over_limit_at=NOW, over_limit_w=500.0)
    assert list(selectors.over_their_limit(row.charge_point)) == [row]
    assert list(selectors.over_their_limit(other.charge_point)) == [other]


def test_every_adaptation_and_every_dialect_has_words() -> None:
    profile = ChargingProfile(adaptations=",".join(Adaptation))
    assert len(selectors.adaptations(profile)) == len(Adaptation)
    assert selectors.adaptations(ChargingProfile()) == []
    assert set(quirks.all_dialects()) <= set(selectors.DIALECTS)
