"""What a vehicle's battery holds now, where that is known from, and how far it may be off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max

from chargepoints.domain.metering import ENERGY_EXPORT, ENERGY_IMPORT, SOC
from chargepoints.models import MeterValue, Transaction
from chargepoints.services import registers
from smac.models import ChargingNeed

# Of a car whose charge nobody knows, this much is always assumed to be missing: a wrong guess must not stop it.
_ASSUMED_REST_WH = 5_000.0
# Some chargers tell the charge at the start only: after this, what the meter counted since is added.
_FRESH = timedelta(minutes=5)
# What a car tells is rounded to a per cent; what is counted on drifts with the losses that are assumed.
_TOLD_WITHIN_PERCENT = 1.0
_DRIFT = 0.05
_GUESSED = (ChargingNeed.SocOrigin.LAST_SESSION, ChargingNeed.SocOrigin.TYPICAL)


@dataclass(frozen=True, slots=True)
class Charge:
    """Energy in the battery, Wh; `origin` as ChargingNeed.SocOrigin; plus or minus so many percentage points."""

    energy_wh: float
    origin: str
    uncertainty_percent: float

    def percent_of(self, capacity_wh: float) -> float:
        """The state of charge of a battery of this size."""
        return self.energy_wh / capacity_wh * 100 if capacity_wh else 0.0


def charges(needs: Iterable[ChargingNeed]) -> dict[int, Charge]:
    """The charge of each need's vehicle, by the need's primary key; two queries, and two for each word grown old."""
    several = list(needs)
    since = _counted_since(several)
    return {need.pk: _charge(need, since) for need in several}


def charge_of(need: ChargingNeed) -> Charge:
    """The charge of one vehicle."""
    return _charge(need, _counted_since([need]))


def energy_wh(need: ChargingNeed) -> float:
    """What the battery holds now: by the car's own word, else what was stated; and what the meter saw since."""
    return charge_of(need).energy_wh


def _charge(need: ChargingNeed, since: Mapping[int, float]) -> Charge:
    capacity, measured = float(need.battery_capacity_wh), need.transaction
    if measured is not None and _tells(measured):
        gained = since.get(measured.pk, 0.0)
        energy = _within(_within(measured.soc_percent or 0.0, 100.0) / 100 * capacity + gained, capacity)
        return Charge(energy, ChargingNeed.SocOrigin.METER, _TOLD_WITHIN_PERCENT + _drift(gained, capacity))
    gained = _gained_wh(need, measured.energy_wh, measured.export_wh) if measured else 0.0
    energy = _within(need.soc_percent / 100 * capacity + gained, capacity)
    if need.is_assumed or need.soc_origin in _GUESSED:
        energy = min(energy, max(need.target_soc_percent / 100 * capacity - _ASSUMED_REST_WH, 0.0))
    return Charge(energy, need.soc_origin, need.soc_uncertainty_percent + _drift(gained, capacity))


def _tells(running: Transaction) -> bool:
    """Whether the car's charge is known from the meter; 0 is what chargers send that do not know it."""
    return bool(running.soc_percent)


def _gained_wh(need: ChargingNeed, import_wh: float, export_wh: float) -> float:
    return max(import_wh, 0.0) * need.charge_efficiency - max(export_wh, 0.0) / need.discharge_efficiency


def _drift(gained_wh: float, capacity_wh: float) -> float:
    return round(_DRIFT * abs(gained_wh) / capacity_wh * 100, 1) if capacity_wh else 0.0


def _counted_since(needs: Iterable[ChargingNeed]) -> dict[int, float]:
    """What each battery gained, Wh, since its car last told its charge, where that is long ago; by transaction."""
    telling = {need.transaction.pk: need for need in needs if need.transaction and _tells(need.transaction)}
    if not telling:
        return {}
    told = MeterValue.objects.filter(transaction__in=telling, measurand=SOC, phase="", flaw="")
    found = {}
    for pk, at in told.values("transaction_id").annotate(last=Max("at")).values_list("transaction_id", "last"):
        need, running = telling[pk], telling[pk].transaction
        if running and running.last_value_at is not None and running.last_value_at - at > _FRESH:
            counted = (_counted(running, ENERGY_IMPORT, at), _counted(running, ENERGY_EXPORT, at))
            found[pk] = _gained_wh(need, *counted)
    return found


def _counted(running: Transaction, measurand: str, since: datetime) -> float:
    readings = registers.register(running, measurand)
    before = [value for at, value in readings if at <= since] or [value for _, value in readings[:1]]
    return readings[-1][1] - before[-1] if readings else 0.0


def _within(value: float, high: float) -> float:
    return min(max(value, 0.0), high)
