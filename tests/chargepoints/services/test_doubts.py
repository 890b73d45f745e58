"""An ended session whose meter is doubted is marked before anybody reckons with it."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chargepoints import events
from chargepoints.domain import reports
from chargepoints.domain.metering import ENERGY_EXPORT, ENERGY_IMPORT, Sample
from chargepoints.domain.quirks import Quirks
from chargepoints.models import ChargePoint, Transaction
from chargepoints.services import metering, quirks, reviews, transactions
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


def drawn(minute: float, wh: float, measurand: str = ENERGY_IMPORT) -> Sample:
    return Sample(at=NOW + minute * MINUTE, measurand=measurand, value=wh, unit="Wh")


def late(row: Transaction, *samples: Sample) -> Transaction:
    report = reports.MeterValuesReported(1, samples, row.remote_id)
    metering.store(charge_point_id=row.charge_point_id, report=report, now=NOW + 40 * MINUTE)
    return Transaction.objects.get(pk=row.pk)


def test_a_value_that_comes_after_the_end_may_put_it_in_doubt() -> None:
    row = session(factories.charge_point(), 0, 4_000)
    assert (row.flaw, row.energy_wh) == ("", 4_000)
    row = late(row, drawn(29, 1_000))
    assert (row.flaw, row.energy_wh) == ("doubtful meter stop", 1_000)
    assert reviews.doubted_wh(row) == 3_000


def test_a_value_that_comes_after_the_end_may_prove_it() -> None:
    point = factories.charge_point()
    told = reports.TransactionStarted(1, 1, NOW, None, None, remote_id="tx", seq_no=0)
    row = transactions.start(charge_point_id=point.pk, report=told, now=NOW).transaction
    over = reports.TransactionEnded("tx", 1, NOW + 30 * MINUTE, 4_000, samples=(drawn(10, 5_000),), seq_no=2)
    transactions.end(charge_point_id=point.pk, report=over, now=NOW + 30 * MINUTE)
    row.refresh_from_db()
    assert (row.flaw, row.energy_wh) == ("doubtful meter stop", 0)
    row = late(row, drawn(5, 100))
    assert (row.flaw, row.energy_wh) == ("", 3_900), "it was the value between that could not be true"


def test_what_is_billed_follows_values_that_come_after_the_end(django_capture_on_commit_callbacks: Any) -> None:
    heard: list[int] = []

    def listen(transaction_id: int, **kwargs: Any) -> None:
        heard.append(transaction_id)

    row = session(factories.charge_point(), 0, 4_000)
    events.transaction_reviewed.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        late(row, drawn(29, 1_000))
    events.transaction_reviewed.disconnect(listen)
    assert heard == [row.pk]


def test_many_small_steps_do_not_add_up_to_more_than_power_allows() -> None:
    """Every ten seconds the coarse step that a single reading may take: almost three times the power."""
    values = [drawn(number / 6, number * 80) for number in range(1, 180)]
    row = session(factories.charge_point(max_power_w=11_000), 0, 180 * 80, *values)
    assert 0 < row.energy_wh <= 11_000 * 0.5 * 1.1 + 50
    assert row.flaw == "doubtful meter stop"


def test_an_evse_that_gives_nothing_back_is_never_paid_for_it() -> None:
    row = session(factories.charge_point(), 0, 100, given(NOW, 0), given(NOW + 20 * MINUTE, 3_000))
    assert (row.export_wh, row.energy_wh) == (0, 100)
    assert row.meter_values.get(measurand=ENERGY_EXPORT, value=3_000).flaw == "jump"
    weak = factories.charge_point(max_power_w=22_000, max_discharge_w=3_000)
    row = session(weak, 0, 100, given(NOW, 0), given(NOW + 20 * MINUTE, 5_000))
    assert (row.export_wh, row.flaw) == (0, "doubtful meter stop"), "measured by what it can give, not by what it takes"


def test_intervals_that_cannot_be_true_are_left_out_and_looked_at() -> None:
    point, interval = factories.charge_point(), "Energy.Active.Import.Interval"
    told = reports.TransactionStarted(1, 1, NOW, None, None, remote_id="tx", seq_no=0)
    row = transactions.start(charge_point_id=point.pk, report=told, now=NOW).transaction
    values = (drawn(10, 1_000, interval), drawn(20, 900_000, interval), drawn(30, 1_500, interval))
    over = reports.TransactionEnded("tx", 1, NOW + 30 * MINUTE, None, samples=values, seq_no=1)
    transactions.end(charge_point_id=point.pk, report=over, now=NOW + 30 * MINUTE)
    row.refresh_from_db()
    assert (row.energy_wh, row.flaw) == (2_500, "doubtful meter stop")
