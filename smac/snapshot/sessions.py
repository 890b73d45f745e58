"""A driver's wish and a transaction's measurements, as one session of the optimiser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chargepoints.models import Evse
from smac.models import ChargingNeed
from smac.optimisation.problem import Mode, Session, Target
from smac.slots import Horizon

# Losses of the on-board charger and the battery each way: 8 to 12 per cent of AC energy never arrive.
CHARGE_EFFICIENCY = 0.92
DISCHARGE_EFFICIENCY = 0.92
# AC charging slows down only in the last tenth of the battery.
KNEE = 0.9
# What a kWh given back costs the battery: 150 per kWh of capacity over some 3,000 full cycles.
WEAR_COST_PER_KWH = 0.05
# A car that stays after its departure is charged on in steps of this length: its window, and so its profile, does
# not move with every slot.
OVERSTAY = timedelta(hours=4)
# Of a car whose charge nobody knows, this much is always assumed to be missing: a wrong guess must not stop it.
_ASSUMED_REST_WH = 5_000.0


@dataclass(frozen=True, slots=True)
class Wish:
    """A session that is not in the database: what a quote is asked for."""

    key: str
    evse: Evse
    mode: Mode
    battery_capacity_wh: float
    soc_percent: float
    target_soc_percent: float
    departure_at: datetime
    max_charge_w: float
    min_charge_w: float = 0.0
    max_discharge_w: float = 0.0
    v2g_allowed: bool = False
    floor_soc_percent: float = 20.0
    driver_id: int | None = None

    def replaces(self, need: ChargingNeed) -> bool:
        """One vehicle stands at an EVSE, and a driver who announced two sessions comes to one."""
        announced = need.status == ChargingNeed.Status.ANNOUNCED
        return need.evse_id == self.evse.pk or (announced and self.driver_id == need.driver_id is not None)


@dataclass(frozen=True, slots=True)
class Track:
    """A session with the charge point it stands at, for orders to find it."""

    session: Session
    charge_point_id: int
    evse_id: int


def key_of(need: ChargingNeed) -> str:
    """The key of a stored need in a problem."""
    return f"need:{need.pk}"


def departure(departure_at: datetime, now: datetime) -> datetime:
    """When the car leaves: as stated, and once that has passed, at the end of the current overstay step."""
    if departure_at > now:
        return departure_at
    return departure_at + ((now - departure_at) // OVERSTAY + 1) * OVERSTAY


def energy_wh(need: ChargingNeed) -> float:
    """What the battery holds now: by the car's own word, else what was stated plus what the meter saw since."""
    capacity = float(need.battery_capacity_wh)
    measured = need.transaction
    if measured is not None and measured.soc_percent is not None:
        return _within(measured.soc_percent, 0.0, 100.0) / 100 * capacity
    gained = 0.0
    if measured is not None:
        gained = max(measured.energy_wh, 0.0) * CHARGE_EFFICIENCY - max(measured.export_wh, 0.0) / DISCHARGE_EFFICIENCY
    energy = _within(need.soc_percent / 100 * capacity + gained, 0.0, capacity)
    if need.is_assumed:
        energy = min(energy, max(need.target_soc_percent / 100 * capacity - _ASSUMED_REST_WH, 0.0))
    return energy


def track_of(need: ChargingNeed, horizon: Horizon) -> Track:
    """The session of a stored need. An announced one is expected from the next slot on."""
    wish = Wish(
        key=key_of(need),
        evse=need.evse,
        mode=Mode(need.mode),
        battery_capacity_wh=float(need.battery_capacity_wh),
        soc_percent=energy_wh(need) / need.battery_capacity_wh * 100 if need.battery_capacity_wh else 0.0,
        target_soc_percent=need.target_soc_percent,
        departure_at=need.departure_at,
        max_charge_w=float(need.max_charge_w),
        min_charge_w=float(need.min_charge_w),
        max_discharge_w=float(need.max_discharge_w),
        v2g_allowed=need.v2g_allowed and (need.transaction is None or need.transaction.v2g_capable is not False),
        floor_soc_percent=need.floor_soc_percent,
    )
    return track_of_wish(wish, horizon, announced=need.status == ChargingNeed.Status.ANNOUNCED)


def track_of_wish(wish: Wish, horizon: Horizon, *, announced: bool = False) -> Track:
    """The session of a wish: powers are what both the charger and the car can."""
    first = 1 if announced else 0
    last = max(horizon.whole_until(departure(wish.departure_at, horizon.starts[0])), first + 1)
    capacity = max(wish.battery_capacity_wh, 0.0)
    most = power_limit(wish.evse, wish.max_charge_w)
    gives = wish.v2g_allowed and wish.max_discharge_w > 0 and can_give(wish.evse)
    session = Session(
        key=wish.key,
        mode=wish.mode,
        max_charge_w=most,
        first_slot=first,
        last_slot=last,
        capacity_wh=round(capacity),
        energy_wh=round(_share(wish.soc_percent) * capacity),
        targets=(Target(slot=last, energy_wh=round(_share(wish.target_soc_percent) * capacity)),),
        min_charge_w=min(max(float(wish.evse.min_power_w), wish.min_charge_w), most),
        max_discharge_w=min(float(wish.evse.max_discharge_w), wish.max_discharge_w) if gives else 0.0,
        v2g=gives,
        floor_wh=round(_share(wish.floor_soc_percent) * capacity),
        charge_efficiency=CHARGE_EFFICIENCY,
        discharge_efficiency=DISCHARGE_EFFICIENCY,
        announced=announced,
        wear_cost_per_kwh=WEAR_COST_PER_KWH if gives else 0.0,
        knee=KNEE,
    )
    return Track(session, wish.evse.charge_point_id, wish.evse.pk)


def can_give(evse: Evse) -> bool:
    """Whether a charger can give energy back and be told to. Before its first boot it may still prove to be one."""
    speaks = bool(evse.charge_point.dialect) or evse.charge_point.booted_at is None
    return evse.max_discharge_w > 0 and speaks


def power_limit(evse: Evse, max_charge_w: float) -> float:
    """The lesser of charger and car; a car that says nothing takes what the charger gives."""
    return min(float(evse.max_power_w), max_charge_w) if max_charge_w > 0 else float(evse.max_power_w)


def _share(percent: float) -> float:
    return _within(percent, 0.0, 100.0) / 100


def _within(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
