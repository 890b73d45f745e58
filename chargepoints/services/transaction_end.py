"""The end of a transaction. Unknown ones are kept apart; a repeat changes nothing."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from chargepoints.domain import clock, reports
from chargepoints.domain.metering import register_sample
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, Transaction
from chargepoints.services import doubts, metering
from chargepoints.services import transaction_rows as rows
from chargepoints.services.authorization import Authorization, authorize


@dataclass(frozen=True)
class Ended:
    authorization: Authorization | None = None


@transaction.atomic
def end(*, charge_point_id: int, report: reports.TransactionEnded, now: datetime) -> Ended:
    """A charger says that a transaction is over. Unknown ones are kept apart; a repeat changes nothing."""
    charge_point = rows.locked_charge_point(charge_point_id)
    row, name = _ending(charge_point, report), _apart(report)
    report = replace(report, at=clock.corrected(report.at, now, metering.clock_offset(row)))
    if row is None:
        row = rows.without_start(charge_point, name, report.evse_number, report.at, TransactionState.QUARANTINED)
    if row.ended_at is None or row.flaw == rows.NO_STOP:
        _finish(row, report, now)
    return Ended(_stop_authorization(charge_point_id, report, now))


def _ending(charge_point: ChargePoint, report: reports.TransactionEnded) -> Transaction | None:
    mine = Transaction.objects.filter(charge_point=charge_point)
    return mine.filter(remote_id__in=[report.remote_id, _apart(report)]).first()


def _apart(report: reports.TransactionEnded) -> str:
    """The name under which an unknown end is kept. 2.0.1 ids are the charger's own and the start may still come;
    a 1.6 id that we never gave (0, -1, one of another system) is told apart by its moment."""
    if report.seq_no is not None:
        return report.remote_id
    return f"{report.remote_id[:20]}@{int(report.at.timestamp())}"


def _finish(row: Transaction, report: reports.TransactionEnded, now: datetime) -> None:
    samples = report.samples + register_sample(report.meter_stop_wh, report.at, "Transaction.End")
    row.ended_at, row.meter_stop_wh, row.stop_reason = report.at, report.meter_stop_wh, report.reason[:32]
    row.last_seq_no = report.seq_no
    if row.state == TransactionState.ACTIVE or row.flaw == rows.NO_STOP:
        row.state = TransactionState.ENDED
        row.flaw = "" if row.flaw == rows.NO_STOP else row.flaw
    row.power_w = 0.0
    row.save()
    rows.note_offline(row, report.offline)
    rows.keep_signed(row, report.signed, report.evse_number)
    rows.add_samples(row, samples, report.evse_number, now)
    row.power_w, row.flaw = 0.0, doubts.meter_flaw(row) or row.flaw
    row.save(update_fields=["power_w", "flaw"])
    rows.close(row, now)


def _stop_authorization(charge_point_id: int, report: reports.TransactionEnded, now: datetime) -> Authorization | None:
    if report.token is None:
        return None
    return authorize(charge_point_id=charge_point_id, token=report.token, now=now)
