"""What meters say: kept once, checked, and summed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from chargepoints import events, realtime
from chargepoints.domain import clock, metering, reports
from chargepoints.domain.metering import ENERGY_EXPORT, ENERGY_IMPORT, POWER_EXPORT, POWER_IMPORT, SOC, Sample
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import MeterValue, Transaction
from chargepoints.selectors.evses import evse_of
from chargepoints.selectors.operators import topic_of
from chargepoints.services import doubts, registers, signed_values

_REGISTERS = frozenset({ENERGY_IMPORT, ENERGY_EXPORT})


@transaction.atomic
def store(*, charge_point_id: int, report: reports.MeterValuesReported, now: datetime) -> None:
    """Keep meter values, with or without a transaction. A value that is sent again counts once."""
    found = _transaction_of(charge_point_id, report)
    number = found.evse.number if found and found.evse else report.evse_number
    during, before = _parted(found, report, now)
    signed_values.keep(
        charge_point_id=charge_point_id, evse_number=number, transaction_row=found, readings=report.signed
    )
    for transaction_row, samples in ((found, during), (None, before)):
        add(
            charge_point_id=charge_point_id,
            evse_number=number,
            transaction_row=transaction_row,
            samples=samples,
            now=now,
        )


def _transaction_of(charge_point_id: int, report: reports.MeterValuesReported) -> Transaction | None:
    transactions = Transaction.objects.select_for_update().filter(charge_point_id=charge_point_id)
    if report.remote_id:
        return transactions.filter(remote_id=report.remote_id).first()
    evse = evse_of(charge_point_id, report.evse_number)
    return transactions.filter(evse=evse, state=TransactionState.ACTIVE).first() if evse else None


def _parted(
    found: Transaction | None, report: reports.MeterValuesReported, now: datetime
) -> tuple[list[Sample], list[Sample]]:
    """The samples of a transaction, and those that are older than one that the charger did not name."""
    if report.remote_id or found is None:
        return list(report.samples), []
    during = [one for one in report.samples if one.at >= found.started_at or not clock.believable(one.at, now)]
    return during, [one for one in report.samples if one not in during]


def add(
    *,
    charge_point_id: int,
    evse_number: int,
    transaction_row: Transaction | None,
    samples: Sequence[Sample],
    now: datetime,
) -> None:
    """Store samples inside the caller's database transaction and bring the transaction's figures up to date."""
    if not samples:
        return
    checked = _checked(_dated(samples, transaction_row, now), transaction_row)
    MeterValue.objects.bulk_create(
        [_row(sample, charge_point_id, evse_number, transaction_row) for sample in checked], ignore_conflicts=True
    )
    if transaction_row is not None:
        if transaction_row.last_value_at and checked[0].at < transaction_row.last_value_at:
            _check_again(transaction_row, checked[0].at)
        refresh(transaction_row, checked)
        doubts.look_again(transaction_row)
        _tell(transaction_row)
    events.announce(
        events.meter_values_stored,
        charge_point_id=charge_point_id,
        transaction_id=transaction_row.pk if transaction_row else None,
    )


def _tell(transaction_row: Transaction) -> None:
    topics = topic_of(transaction_row.charge_point_id, "transactions")
    if transaction_row.driver_id:
        topics.append(f"user.{transaction_row.driver_id}.session")
    realtime.nudge(*topics)


def _row(sample: Sample, charge_point_id: int, evse_number: int, transaction_row: Transaction | None) -> MeterValue:
    return MeterValue(
        charge_point_id=charge_point_id,
        evse_number=evse_number,
        transaction=transaction_row,
        at=sample.at,
        measurand=sample.measurand[:40],
        phase=sample.phase[:8],
        location=sample.location[:12],
        context=sample.context[:24],
        value=sample.value,
        unit=sample.unit[:12],
        flaw=sample.flaw[:24],
    )


def _dated(samples: Sequence[Sample], transaction_row: Transaction | None, now: datetime) -> list[Sample]:
    """The samples with the moments that are believed of them, and with totals where only phases were sent."""
    offset = clock_offset(transaction_row)
    dated = [replace(sample, at=clock.corrected(sample.at, now, offset)) for sample in samples]
    return metering.with_totals(dated)


def clock_offset(transaction_row: Transaction | None) -> timedelta:
    """By what the charger's clock was wrong when a transaction started."""
    return clock.offset(transaction_row.flaw, transaction_row.started_at) if transaction_row else timedelta()


def _checked(samples: Sequence[Sample], transaction_row: Transaction | None) -> list[Sample]:
    """The samples in the order of time, those that cannot be true marked."""
    ordered = sorted((metering.checked(sample) for sample in samples), key=lambda sample: sample.at)
    if transaction_row is None:
        return ordered
    if transaction_row.meter_start_wh is not None:  # the start itself is known, and not only what came before it
        ordered = [metering.not_before(sample, transaction_row.started_at) for sample in ordered]
    judge = _Judge(transaction_row, ordered[0].at)
    return [
        replace(sample, flaw=judge.flaw(sample))
        if sample.measurand in _REGISTERS and not sample.phase and not sample.flaw
        else sample
        for sample in ordered
    ]


class _Judge:
    """Judges the readings of a transaction's registers, in the order of time, by those older than ``at``."""

    def __init__(self, transaction_row: Transaction, at: datetime, *, including: bool = False) -> None:
        self._row, self._at, self._including = transaction_row, at, including
        self._believed: dict[tuple[str, str], tuple[Sample | None, Sample | None]] = {}

    def flaw(self, sample: Sample) -> str:
        meter = (sample.measurand, sample.location)
        if meter not in self._believed:
            self._believed[meter] = registers.believed_before(self._row, *meter, self._at, including=self._including)
        first, previous = self._believed[meter]
        most_w = registers.max_power_w(self._row, sample.measurand)
        flaw = metering.register_flaw(first=first, previous=previous, sample=sample, max_power_w=most_w)
        if not flaw:
            self._believed[meter] = (first or sample, sample)
        return flaw


def _check_again(transaction_row: Transaction, at: datetime) -> None:
    """Readings that are later than one that came late are judged by it: the order of arrival must not matter."""
    later = MeterValue.objects.filter(
        transaction=transaction_row, measurand__in=_REGISTERS, phase="", at__gt=at, flaw__in=["", *metering.DOUBTS]
    )
    judge = _Judge(transaction_row, at, including=True)
    for row in later.order_by("at", "value"):
        flaw = judge.flaw(Sample(row.at, row.measurand, row.value, row.unit, location=row.location))
        if flaw != row.flaw:
            MeterValue.objects.filter(pk=row.pk).update(flaw=flaw)


def refresh(transaction_row: Transaction, samples: Sequence[Sample] = ()) -> None:
    """Recompute a transaction's energy from its registers; take power and state of charge from ``samples``."""
    transaction_row.energy_wh = registers.rise(registers.register(transaction_row, ENERGY_IMPORT))
    transaction_row.export_wh = registers.rise(registers.register(transaction_row, ENERGY_EXPORT))
    newest = max((sample.at for sample in samples), default=None)
    if newest and (transaction_row.last_value_at is None or newest >= transaction_row.last_value_at):
        transaction_row.last_value_at = newest
        _take_instants(transaction_row, [sample for sample in samples if not sample.phase])
    if transaction_row.ended_at is not None:
        transaction_row.power_w = 0.0
    transaction_row.save(update_fields=["energy_wh", "export_wh", "power_w", "soc_percent", "last_value_at"])


def _take_instants(transaction_row: Transaction, samples: Sequence[Sample]) -> None:
    latest = {sample.measurand: sample.value for sample in samples if not sample.flaw}
    if POWER_IMPORT in latest or POWER_EXPORT in latest:
        transaction_row.power_w = latest.get(POWER_IMPORT, 0.0) - latest.get(POWER_EXPORT, 0.0)
    if SOC in latest and 0 <= latest[SOC] <= 100:
        transaction_row.soc_percent = latest[SOC]
