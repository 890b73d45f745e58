"""What is known of a transaction that runs, and how it grows by readings that come in the order of time.

The ordinary case, judged without asking the database. Whatever is late, odd or ambiguous is None here: the services
judge it by all that is stored, and come to the same figures where both can.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chargepoints.domain import clock
from chargepoints.domain.metering import (
    ENERGY_EXPORT,
    ENERGY_IMPORT,
    POWER_EXPORT,
    POWER_IMPORT,
    SOC,
    Sample,
    checked,
    most_w,
    register_flaw,
    with_totals,
)

REGISTERS = (ENERGY_IMPORT, ENERGY_EXPORT)
INTERVALS = tuple(name.replace("Register", "Interval") for name in REGISTERS)
_OUTLET = "Outlet"
Reading = tuple[datetime, float]
Place = tuple[str, str]  # measurand and location of a meter


@dataclass(frozen=True, slots=True)
class Meter:
    """The plausible readings of one register at one place, as far as later ones are judged by them.

    ``moments``: how many; ``before``: the last reading that is older than ``last``. Of two at one moment the higher
    counts.
    """

    moments: int
    first: Reading
    last: Reading
    before: Reading | None = None

    def grown(self, at: datetime, value_wh: float) -> "Meter":
        """With one more reading, which is not older than the last."""
        if at > self.last[0]:
            return Meter(self.moments + 1, self.first, (at, value_wh), self.last)
        last = (at, max(self.last[1], value_wh))
        return replace(self, first=last if self.moments == 1 else self.first, last=last)


@dataclass(frozen=True)
class Running:
    """A transaction that runs. ``version`` changes with each change of its row, by whomever; energy Wh, power W."""

    pk: int
    version: str
    charge_point_id: int
    evse_id: int
    evse_number: int
    connector_number: int
    max_power_w: float
    max_discharge_w: float
    driver_id: int | None
    is_reserved: bool
    flaw: str
    meter_start_wh: float | None
    charging_state: str
    last_seq_no: int | None
    last_value_at: datetime | None
    power_w: float
    soc_percent: float | None
    # In the order in which they were first read.
    meters: Mapping[Place, Meter] = field(default_factory=dict)
    has_intervals: bool = False

    def most_w(self, measurand: str) -> float | None:
        """The power at which its energy can pass here."""
        return most_w(measurand, max_power_w=self.max_power_w, max_discharge_w=self.max_discharge_w)

    def energy_wh(self, measurand: str) -> float:
        """What passed: at the outlet, or at the place with the most readings where there is no other."""
        meters = {place: meter for (name, place), meter in self.meters.items() if name == measurand}
        outlet = meters.pop(_OUTLET, None)
        if outlet is not None and outlet.moments > 1:
            chosen = outlet
        else:
            known = ([outlet] if outlet else []) + list(meters.values())
            if not known:
                return 0.0
            chosen = max(known, key=lambda meter: meter.moments)
        return max(chosen.last[1] - chosen.first[1], 0.0)


def meters_of(readings: Sequence[tuple[str, str, datetime, float]]) -> dict[Place, Meter]:
    """The meters that (measurand, location, moment, Wh), ordered by moment and Wh, are the readings of."""
    meters: dict[Place, Meter] = {}
    for measurand, location, at, value_wh in readings:
        known = meters.get((measurand, location))
        reading = (at, value_wh)
        grown = known.grown(*reading) if known else Meter(1, reading, reading)
        meters[(measurand, location)] = grown
    return meters


def grown(running: Running, samples: Sequence[Sample], now: datetime) -> tuple[Running, list[Sample]] | None:
    """The transaction with more samples, and those as they are to be stored; None where this is not ordinary."""
    if running.has_intervals or not all(_is_plain(sample, now) for sample in samples):
        return None
    whole = _once(with_totals(samples))
    if whole is None:
        return None
    ordered = sorted(map(checked, whole), key=lambda sample: sample.at)
    if not ordered or (running.last_value_at is not None and ordered[0].at < running.last_value_at):
        return None
    meters = dict(running.meters)
    judged = _judged(ordered, running, meters)
    if judged is None:
        return None
    return _taken(replace(running, meters=meters, last_value_at=judged[-1].at), judged), judged


def _is_plain(sample: Sample, now: datetime) -> bool:
    return clock.believable(sample.at, now) and sample.measurand not in INTERVALS


def _once(samples: Sequence[Sample]) -> list[Sample] | None:
    """The samples, those that were sent twice once; None where the two differ."""
    kept: dict[tuple[datetime, str, str, str, str], Sample] = {}
    for sample in samples:
        key = (sample.at, sample.measurand, sample.phase, sample.location, sample.context)
        known = kept.setdefault(key, sample)
        if known is not sample and (known.value, known.unit, known.flaw) != (sample.value, sample.unit, sample.flaw):
            return None
    return list(kept.values())


def _judged(ordered: Sequence[Sample], running: Running, meters: dict[Place, Meter]) -> list[Sample] | None:
    """The samples in the order of time, those that cannot be true marked; ``meters`` grow by the others."""
    believed: dict[Place, tuple[Sample | None, Sample | None]] = {}  # the first and the last
    result = []
    for sample in ordered:
        if sample.measurand in REGISTERS and not sample.phase and not sample.flaw:
            place = (sample.measurand, sample.location)
            if place not in believed:
                if place not in meters and any(name == sample.measurand for name, _ in meters):
                    return None  # which of two meters counts depends on all of their readings
                believed[place] = _older(meters.get(place), sample, ordered[0].at)
            first, previous = believed[place]
            flaw = register_flaw(first=first, previous=previous, sample=sample, max_power_w=running.most_w(place[0]))
            if flaw:
                sample = replace(sample, flaw=flaw)
            else:
                believed[place] = (first or sample, sample)
                known = meters.get(place)
                reading = (sample.at, sample.value)
                meters[place] = known.grown(*reading) if known else Meter(1, reading, reading)
        result.append(sample)
    return result


def _older(meter: Meter | None, sample: Sample, at: datetime) -> tuple[Sample | None, Sample | None]:
    """The meter's first and last reading, of those that are older than ``at``."""
    reading = None if meter is None else meter.last if meter.last[0] < at else meter.before
    if meter is None or reading is None:
        return None, None
    first, last = (replace(sample, at=when, value=value) for when, value in (meter.first, reading))
    return first, last


def _taken(running: Running, samples: Sequence[Sample]) -> Running:
    """Power and state of charge as the newest samples tell them."""
    latest = {sample.measurand: sample.value for sample in samples if not sample.flaw and not sample.phase}
    power_w, soc_percent = running.power_w, running.soc_percent
    if POWER_IMPORT in latest or POWER_EXPORT in latest:
        power_w = latest.get(POWER_IMPORT, 0.0) - latest.get(POWER_EXPORT, 0.0)
    if SOC in latest and 0 <= latest[SOC] <= 100:
        soc_percent = latest[SOC]
    return replace(running, power_w=power_w, soc_percent=soc_percent)


def ends_plainly(running: Running, samples: Sequence[Sample], at: datetime, meter_stop_wh: float | None) -> bool:
    """Whether an end at ``at``, whose samples these are, leaves nothing to look at."""
    if meter_stop_wh is None or meter_stop_wh < (running.meter_start_wh or 0.0) or running.is_reserved:
        return False
    if running.max_discharge_w:
        return False  # its export register counts as well
    if running.last_value_at is None or running.last_value_at > at or any(sample.flaw for sample in samples):
        return False
    return any(
        sample.measurand == ENERGY_IMPORT and not sample.phase and sample.location == _OUTLET and sample.at == at
        for sample in samples
    )
