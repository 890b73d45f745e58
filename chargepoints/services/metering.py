"""What meters say: kept once, checked, and summed."""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from chargepoints import events, realtime
from chargepoints.domain import clock, metering, reports
from chargepoints.domain.metering import ENERGY_EXPORT, ENERGY_IMPORT, POWER_EXPORT, POWER_IMPORT, SOC, Sample
from chargepoints.domain.quarters import by_quarter
from chargepoints.domain.tariff import EnergySlice
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import Evse, MeterValue, Transaction
from chargepoints.selectors.operators import topic_of

_REGISTERS = frozenset({ENERGY_IMPORT, ENERGY_EXPORT})
_OUTLET = "Outlet"


@transaction.atomic
def store(*, charge_point_id: int, report: reports.MeterValuesReported, now: datetime) -> None:
    """Keep meter values, with or without a transaction. A value that is sent again counts once."""
    found = _transaction_of(charge_point_id, report)
    number = found.evse.number if found and found.evse else report.evse_number
    during, before = _parted(found, report, now)
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
    previous: dict[tuple[str, str], Sample | None] = {}
    result = []
    for sample in ordered:
        if sample.measurand in _REGISTERS and not sample.phase and not sample.flaw:
            meter = (sample.measurand, sample.location)
            if meter not in previous:
                previous[meter] = _last_before(transaction_row, *meter, ordered[0].at)
            flaw = metering.register_flaw(
                previous=previous[meter], sample=sample, max_power_w=_max_power_w(transaction_row)
            )
            sample = replace(sample, flaw=flaw)
            if not flaw:
                previous[meter] = sample
        result.append(sample)
    return result


def _max_power_w(transaction_row: Transaction) -> float:
    return float(transaction_row.evse.max_power_w) if transaction_row.evse else 0.0


def _check_again(transaction_row: Transaction, at: datetime) -> None:
    """Readings that are later than one that came late are judged by it: the order of arrival must not matter."""
    later = MeterValue.objects.filter(
        transaction=transaction_row, measurand__in=_REGISTERS, phase="", at__gt=at, flaw__in=["", *metering.DOUBTS]
    )
    previous: dict[tuple[str, str], Sample | None] = {}
    for row in later.order_by("at", "value"):
        meter = (row.measurand, row.location)
        if meter not in previous:
            previous[meter] = _last_before(transaction_row, *meter, at, including=True)
        sample = Sample(at=row.at, measurand=row.measurand, value=row.value, unit=row.unit)
        flaw = metering.register_flaw(
            previous=previous[meter], sample=sample, max_power_w=_max_power_w(transaction_row)
        )
        if flaw != row.flaw:
            MeterValue.objects.filter(pk=row.pk).update(flaw=flaw)
        if not flaw:
            previous[meter] = sample


def ends_in_doubt(transaction_row: Transaction) -> bool:
    """Whether the last reading of the import register is one that cannot be true."""
    readings = MeterValue.objects.filter(transaction=transaction_row, measurand=ENERGY_IMPORT, phase="")
    readings = readings.filter(at__lte=transaction_row.ended_at).order_by("-at", "-pk")
    last = readings.filter(location=_OUTLET).first() or readings.first()
    return last is not None and last.flaw in metering.DOUBTS


def _last_before(
    transaction_row: Transaction, measurand: str, location: str, at: datetime, *, including: bool = False
) -> Sample | None:
    earlier = Q(at__lte=at) if including else Q(at__lt=at)
    rows = _register_rows(transaction_row, measurand).filter(earlier, location=location)
    last = rows.order_by("-at", "-value").first()
    return Sample(at=last.at, measurand=measurand, value=last.value, unit="Wh") if last else None


def _register_rows(transaction_row: Transaction, measurand: str) -> QuerySet[MeterValue]:
    return MeterValue.objects.filter(transaction=transaction_row, measurand=measurand, phase="", flaw="")


def register(transaction_row: Transaction, measurand: str) -> list[tuple[datetime, float]]:
    """The plausible readings of a register in a transaction: (moment, Wh), one a moment, rising in time."""
    rows = _register_rows(transaction_row, measurand)
    if transaction_row.ended_at is not None:
        # What a meter says after the end belongs to whoever comes next.
        rows = rows.filter(Q(at__lte=transaction_row.ended_at) | Q(context="Transaction.End"))
    meters: dict[str, dict[datetime, float]] = {_OUTLET: {}}
    for location, at, value in rows.order_by("at", "value").values_list("location", "at", "value"):
        meters.setdefault(location, {})[at] = value
    # What passed the outlet is the driver's; another meter counts only where there is none.
    readings = meters[_OUTLET] if len(meters[_OUTLET]) > 1 else max(meters.values(), key=len)
    if len(readings) < 2:
        return _from_intervals(transaction_row, measurand) or sorted(readings.items())
    return sorted(readings.items())


def _from_intervals(transaction_row: Transaction, measurand: str) -> list[tuple[datetime, float]]:
    """A register for a charger that tells only what passed since its last value: the running sum from 0.

    Clock-aligned values tell the same energy as sampled ones: they count where there are no others.
    """
    rows = MeterValue.objects.filter(
        transaction=transaction_row, measurand=measurand.replace("Register", "Interval"), phase="", flaw=""
    )
    if transaction_row.ended_at is not None:
        rows = rows.filter(at__lte=transaction_row.ended_at)
    rows = rows.exclude(context="Sample.Clock") if rows.exclude(context="Sample.Clock").exists() else rows
    total = Sample(at=transaction_row.started_at, measurand=measurand, value=0.0, unit="Wh")
    readings = {total.at: 0.0}
    for at, value in rows.order_by("at").values_list("at", "value"):
        sample = replace(total, at=at, value=total.value + value)
        if not metering.register_flaw(previous=total, sample=sample, max_power_w=_max_power_w(transaction_row)):
            total, readings[at] = sample, sample.value
    return sorted(readings.items()) if len(readings) > 1 else []


def refresh(transaction_row: Transaction, samples: Sequence[Sample] = ()) -> None:
    """Recompute a transaction's energy from its registers; take power and state of charge from ``samples``."""
    transaction_row.energy_wh = _rise(register(transaction_row, ENERGY_IMPORT))
    transaction_row.export_wh = _rise(register(transaction_row, ENERGY_EXPORT))
    newest = max((sample.at for sample in samples), default=None)
    if newest and (transaction_row.last_value_at is None or newest >= transaction_row.last_value_at):
        transaction_row.last_value_at = newest
        _take_instants(transaction_row, [sample for sample in samples if not sample.phase])
    if transaction_row.ended_at is not None:
        transaction_row.power_w = 0.0
    transaction_row.save(update_fields=["energy_wh", "export_wh", "power_w", "soc_percent", "last_value_at"])


def _rise(readings: list[tuple[datetime, float]]) -> float:
    return max(readings[-1][1] - readings[0][1], 0.0) if readings else 0.0


def _take_instants(transaction_row: Transaction, samples: Sequence[Sample]) -> None:
    latest = {sample.measurand: sample.value for sample in samples if not sample.flaw}
    if POWER_IMPORT in latest or POWER_EXPORT in latest:
        transaction_row.power_w = latest.get(POWER_IMPORT, 0.0) - latest.get(POWER_EXPORT, 0.0)
    if SOC in latest and 0 <= latest[SOC] <= 100:
        transaction_row.soc_percent = latest[SOC]


def quarter_hour_energy(transaction_row: Transaction) -> list[EnergySlice]:
    """Energy by quarter of an hour: what was drawn as positive pieces, what was given back as negative ones."""
    drawn = by_quarter(register(transaction_row, ENERGY_IMPORT))
    given = by_quarter(register(transaction_row, ENERGY_EXPORT))
    slices = [EnergySlice(start, wh) for start, wh in drawn if wh]
    return slices + [EnergySlice(start, -wh) for start, wh in given if wh]


def power_curve(transaction_row: Transaction) -> list[tuple[datetime, float]]:
    """Measured power: (moment, W), negative while discharging; from the register where no power was sent."""
    rows = MeterValue.objects.filter(
        transaction=transaction_row, measurand__in=[POWER_IMPORT, POWER_EXPORT], phase="", flaw=""
    )
    curve: dict[datetime, float] = {}
    for at, measurand, value in rows.order_by("at").values_list("at", "measurand", "value"):
        curve[at] = curve.get(at, 0.0) + (value if measurand == POWER_IMPORT else -value)
    return sorted(curve.items()) or _from_register(register(transaction_row, ENERGY_IMPORT))


def _from_register(readings: list[tuple[datetime, float]]) -> list[tuple[datetime, float]]:
    curve = []
    for (start, start_wh), (end, end_wh) in itertools.pairwise(readings):
        hours = (end - start).total_seconds() / 3600
        if hours > 0:
            curve.append((end, (end_wh - start_wh) / hours))
    return curve


def evse_of(charge_point_id: int, evse_number: int) -> Evse | None:
    """The EVSE with this number; a charger with one EVSE may number it as it likes."""
    evses = list(Evse.objects.filter(charge_point_id=charge_point_id))
    exact = next((evse for evse in evses if evse.number == evse_number), None)
    return exact or (evses[0] if len(evses) == 1 and evse_number > 0 else None)


def evse_of_transaction(charge_point_id: int, evse_number: int) -> Evse | None:
    """2.0.1 may begin a transaction before it names an EVSE; where there is only one, it is that."""
    if evse := evse_of(charge_point_id, evse_number):
        return evse
    only = Evse.objects.filter(charge_point_id=charge_point_id)[:2]
    return only[0] if evse_number == 0 and len(only) == 1 else None
