"""Signed readings stay what they were, and count once."""

import pytest

from chargepoints.domain.reports import SignedReading
from chargepoints.models import SignedMeterValue
from chargepoints.services import signed_values
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
LONG = "OCMF|" + '{"FV":"1.0","RD":[]}' * 200 + "|ü"


def test_a_long_signed_text_is_kept_to_the_letter_and_once() -> None:
    row = factories.transaction(factories.evse())
    begin = SignedReading(NOW, LONG, "Transaction.Begin", public_key="04" * 400, encoding_method="OCMF")
    end = SignedReading(NOW, LONG + "!", "Transaction.End")
    for _ in range(2):
        signed_values.keep(
            charge_point_id=row.charge_point_id, evse_number=1, transaction_row=row, readings=[begin, end]
        )
    first, second = signed_values.of_transaction(row)
    assert (first.data, first.public_key, first.encoding_method) == (LONG, "04" * 400, "OCMF")
    assert (second.data, second.context) == (LONG + "!", "Transaction.End")


def test_the_same_text_at_another_charger_is_another_reading() -> None:
    for evse in (factories.evse(), factories.evse()):
        signed_values.keep(
            charge_point_id=evse.charge_point_id,
            evse_number=1,
            transaction_row=None,
            readings=[SignedReading(NOW, LONG)],
        )
    assert SignedMeterValue.objects.count() == 2
