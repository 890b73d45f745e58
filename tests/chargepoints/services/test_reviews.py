"""Doubtful sessions: nothing in doubt is billed before somebody has decided, and it is kept who did."""

from decimal import Decimal
from typing import Any

import pytest

from chargepoints.domain.errors import Refused
from chargepoints.models import Evse, MeterValue, Transaction, TransactionReview
from chargepoints.services import reviews
from smac.services import costs
from tests import factories
from tests.factories import NOW, minutes

pytestmark = pytest.mark.django_db
Decision = reviews.Decision


@pytest.fixture
def evse() -> Evse:
    return factories.evse(
        tariff=factories.tariff(follows_market=False, energy_price_per_kwh=Decimal("0.50"), session_fee=Decimal("1.00"))
    )


def session(evse: Evse, *readings: float, flaw: str, **values: Any) -> Transaction:
    """A session of an hour with a reading every quarter of an hour, all believed."""
    row = factories.transaction(
        evse, ended_at=NOW + minutes(60), flaw=flaw, energy_wh=(readings[-1] if readings else 0), **values
    )
    for number, value in enumerate((0, *readings)):
        MeterValue.objects.create(
            charge_point=evse.charge_point,
            evse_number=1,
            transaction=row,
            at=NOW + minutes(15 * number),
            measurand="Energy.Active.Import.Register",
            location="Outlet",
            value=value,
            unit="Wh",
        )
    return row


def to_be_checked(evse: Evse) -> Transaction:
    return session(evse, 1_000, 2_000, flaw="token refused: Invalid", state="quarantined")


def doubtful_stop(evse: Evse) -> Transaction:
    return session(evse, 1_000, 2_000, flaw="doubtful meter stop", state="ended", meter_stop_wh=6_000)


def decide(row: Transaction, decision: str, **values: Any) -> TransactionReview:
    who = values.pop("by", None) or factories.user()
    return reviews.decide(transaction_row=row, decision=decision, decided_by=who, now=NOW, **values)


def total(row: Transaction) -> Decimal:
    return costs.session_cost(transaction=row, now=NOW + minutes(90)).total


def is_decided(row: Transaction) -> bool:
    return reviews.doubtful(Transaction.objects.all()).get(pk=row.pk).is_decided  # type: ignore[attr-defined]


def test_a_session_that_is_to_be_checked_costs_nothing_until_somebody_accepts_it(evse: Evse) -> None:
    row = to_be_checked(evse)
    assert reviews.doubted_wh(row) == 2_000
    assert total(row) == 0
    decide(row, Decision.DECLINED)
    assert total(row) == 0
    decide(row, Decision.ACCEPTED)
    assert total(row) == Decimal("2.00")


def test_what_a_last_reading_claims_beyond_belief_is_billed_only_when_accepted(evse: Evse) -> None:
    row = doubtful_stop(evse)
    assert reviews.doubted_wh(row) == 4_000
    assert total(row) == Decimal("2.00")
    decide(row, Decision.DECLINED)
    assert total(row) == Decimal("2.00")
    decide(row, Decision.ACCEPTED)
    assert total(row) == Decimal("4.00")
    pieces = reviews.billed_energy(row)
    assert sum(piece.wh for piece in pieces) == pytest.approx(6_000)
    # What nobody measured is spread from the last believed reading, at half past, to the end.
    assert {piece.starts_at for piece in pieces if piece.wh == pytest.approx(2_000)} == {
        NOW + minutes(30),
        NOW + minutes(45),
    }


def test_who_decided_what_and_why_is_kept_for_ever(evse: Evse) -> None:
    row, ann, bob = to_be_checked(evse), factories.user("ann"), factories.user("bob")
    decide(row, Decision.DECLINED, by=ann, note=" a test of the fitter ")
    decide(row, Decision.ACCEPTED, by=bob)
    kept = TransactionReview.objects.order_by("pk").values_list("decision", "decided_by__username", "note")
    assert list(kept) == [("declined", "ann", "a test of the fitter"), ("accepted", "bob", "")]
    assert (found := reviews.in_force(row)) is not None
    assert (found.decided_at, found.doubted_wh) == (NOW, 2_000)


@pytest.mark.parametrize(
    "change", [{"energy_wh": 9_000}, {"flaw": "meter stop below start"}], ids=["more energy", "another flaw"]
)
def test_facts_that_come_after_a_decision_ask_again(evse: Evse, change: dict[str, Any]) -> None:
    row = to_be_checked(evse)
    decide(row, Decision.ACCEPTED)
    assert is_decided(row)
    Transaction.objects.filter(pk=row.pk).update(**change)
    row.refresh_from_db()
    assert not is_decided(row)
    assert total(row) == 0


def test_where_nothing_is_in_doubt_it_is_only_looked_at(evse: Evse) -> None:
    row = session(evse, flaw="meter stop below start", state="ended", meter_stop_wh=-100)
    with pytest.raises(Refused):
        decide(row, Decision.ACCEPTED)
    decide(row, Decision.SEEN)
    assert is_decided(row)


def test_energy_in_doubt_is_not_settled_by_a_look(evse: Evse) -> None:
    with pytest.raises(Refused):
        decide(to_be_checked(evse), Decision.SEEN)


@pytest.mark.parametrize(
    "facts", [{"flaw": ""}, {"flaw": "clock was wrong: 1970-01-01", "ended_at": None}], ids=["plain", "running"]
)
def test_there_is_nothing_to_decide_about_plain_and_running_sessions(evse: Evse, facts: dict[str, Any]) -> None:
    row = factories.transaction(evse, **{"ended_at": NOW, **facts})
    with pytest.raises(Refused):
        decide(row, Decision.SEEN)
