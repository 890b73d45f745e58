"""What the registers of a transaction read: energy by quarter of an hour, power over time."""

import itertools
from dataclasses import replace
from datetime import datetime

from django.db.models import Q, QuerySet

from chargepoints.domain import metering
from chargepoints.domain.metering import ENERGY_EXPORT, ENERGY_IMPORT, POWER_EXPORT, POWER_IMPORT, Sample
from chargepoints.domain.quarters import by_quarter
from chargepoints.domain.tariff import EnergySlice
from chargepoints.models import MeterValue, Transaction

_OUTLET = "Outlet"


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


def _register_rows(transaction_row: Transaction, measurand: str) -> QuerySet[MeterValue]:
    return MeterValue.objects.filter(transaction=transaction_row, measurand=measurand, phase="", flaw="")


def _from_intervals(transaction_row: Transaction, measurand: str) -> list[tuple[datetime, float]]:
    """A register for a charger that tells only what passed since its last value: the running sum from 0.

    Clock-aligned values tell the same energy as sampled ones: they count where there are no others.
    """
    readings, _ = _summed_intervals(transaction_row, measurand)
    return readings


def _summed_intervals(transaction_row: Transaction, measurand: str) -> tuple[list[tuple[datetime, float]], int]:
    """The running sum, and how many intervals are left out of it because they cannot be true."""
    rows = MeterValue.objects.filter(
        transaction=transaction_row, measurand=measurand.replace("Register", "Interval"), phase="", flaw=""
    )
    if transaction_row.ended_at is not None:
        rows = rows.filter(at__lte=transaction_row.ended_at)
    rows = rows.exclude(context="Sample.Clock") if rows.exclude(context="Sample.Clock").exists() else rows
    first = total = Sample(at=transaction_row.started_at, measurand=measurand, value=0.0, unit="Wh")
    readings, left_out = {total.at: 0.0}, 0
    most_w = max_power_w(transaction_row, measurand)
    for at, value in rows.order_by("at").values_list("at", "value"):
        sample = replace(total, at=at, value=total.value + value)
        if metering.register_flaw(first=first, previous=total, sample=sample, max_power_w=most_w):
            left_out += 1
        else:
            total, readings[at] = sample, sample.value
    return sorted(readings.items()) if len(readings) > 1 else [], left_out


def believed_before(
    transaction_row: Transaction, measurand: str, location: str, at: datetime, *, including: bool = False
) -> tuple[Sample | None, Sample | None]:
    """The first and the last plausible reading of a register that are older than ``at``."""
    earlier = Q(at__lte=at) if including else Q(at__lt=at)
    rows = _register_rows(transaction_row, measurand).filter(earlier, location=location)
    last = rows.order_by("-at", "-value").first()
    first = rows.order_by("at", "-value").first() if last else None
    first_sample, last_sample = (
        Sample(at=row.at, measurand=measurand, value=row.value, unit="Wh") if row else None for row in (first, last)
    )
    return first_sample, last_sample


def rise(readings: list[tuple[datetime, float]]) -> float:
    return max(readings[-1][1] - readings[0][1], 0.0) if readings else 0.0


def ends_in_doubt(transaction_row: Transaction) -> bool:
    """Whether the last reading of a register that money depends on is one that cannot be true."""
    evse = transaction_row.evse
    gives = evse is not None and evse.max_discharge_w > 0
    measurands = (ENERGY_IMPORT, ENERGY_EXPORT) if gives else (ENERGY_IMPORT,)
    return any(_last_is_doubtful(transaction_row, one) or _leaves_out(transaction_row, one) for one in measurands)


def _leaves_out(transaction_row: Transaction, measurand: str) -> bool:
    """Whether the energy is the sum of intervals, and some of them cannot be true."""
    if _register_rows(transaction_row, measurand).values("at").distinct().count() > 1:
        return False
    return _summed_intervals(transaction_row, measurand)[1] > 0


def _last_is_doubtful(transaction_row: Transaction, measurand: str) -> bool:
    readings = MeterValue.objects.filter(transaction=transaction_row, measurand=measurand, phase="")
    readings = readings.filter(at__lte=transaction_row.ended_at).order_by("-at", "-pk")
    last = readings.filter(location=_OUTLET).first() or readings.first()
    return last is not None and last.flaw in metering.DOUBTS


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
    """The mean power from each reading to the next, and at the last one what it was before."""
    curve = []
    for (start, start_wh), (end, end_wh) in itertools.pairwise(readings):
        curve.append((start, (end_wh - start_wh) / ((end - start).total_seconds() / 3600)))
    return [*curve, (readings[-1][0], curve[-1][1])] if curve else []


def max_power_w(transaction_row: Transaction, measurand: str) -> float | None:
    """The power at which a measurand's energy can pass there; None where nobody knows which EVSE it is."""
    evse = transaction_row.evse
    if evse is None:
        return None
    return metering.most_w(measurand, max_power_w=evse.max_power_w, max_discharge_w=evse.max_discharge_w)
