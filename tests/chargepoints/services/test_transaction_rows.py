"""An ended session whose meter is doubted is marked before anybody reckons with it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chargepoints import events
from chargepoints.domain import reports
from chargepoints.domain.metering import ENERGY_EXPORT, Sample
from chargepoints.domain.quirks import Quirks
from chargepoints.models import ChargePoint, Transaction
from chargepoints.services import metering, quirks, transactions
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def session(charge_point: ChargePoint, start_wh: float, stop_wh: float, *samples: Sample) -> Transaction:
    """A session of half an hour, with a card that nobody has to know."""
    token = reports.TokenPresented(factories.id_token().key)
    begun = reports.TransactionStarted(1, 1, NOW, token, start_wh)
    row = transactions.start(charge_point_id=charge_point.pk, report=begun, now=NOW).transaction
    if samples:
        report = reports.MeterValuesReported(1, samples, row.remote_id)
        metering.store(charge_point_id=charge_point.pk, report=report, now=NOW)
    ended = reports.TransactionEnded(row.remote_id, 1, NOW + 30 * MINUTE, stop_wh)
    transactions.end(charge_point_id=charge_point.pk, report=ended, now=NOW + 30 * MINUTE)
    return Transaction.objects.get(pk=row.pk)


def given(at: datetime, wh: float) -> Sample:
    return Sample(at=at, measurand=ENERGY_EXPORT, value=wh, unit="Wh")


def test_whoever_hears_of_the_end_finds_the_doubt_already_there(django_capture_on_commit_callbacks: Any) -> None:
    heard = []

    def listen(transaction_id: int, **kwargs: Any) -> None:
        row = Transaction.objects.get(pk=transaction_id)
        heard.append((row.flaw, row.energy_wh, row.cost_amount))

    events.transaction_ended.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        session(factories.charge_point(), 0, 910_083)
    assert heard == [("doubtful meter stop", 0.0, None)]


def test_energy_given_back_is_doubted_as_well() -> None:
    giving = factories.charge_point(max_discharge_w=10_000)
    values = (given(NOW, 0), given(NOW + 20 * MINUTE, 900_000))
    row = session(giving, 0, 100, *values)
    assert (row.flaw, row.export_wh) == ("doubtful meter stop", 0)
    assert session(factories.charge_point(max_discharge_w=10_000), 0, 100).flaw == ""


def test_a_meter_that_is_known_to_stop_a_little_low_is_no_reason_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quirks, "of", lambda charge_point: Quirks(meter_slack_wh=1.0))
    row = session(factories.charge_point(), 1_000, 999)
    assert (row.flaw, row.energy_wh) == ("", 0)
    assert session(factories.charge_point(), 1_000, 998).flaw == "meter stop below start"
