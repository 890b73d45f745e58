"""A driver's wish and a transaction's measurements, as one session of the optimiser."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chargepoints.models import Connector, Evse
from smac.models import ChargingNeed
from smac.optimisation.problem import Mode, Session, Target
from smac.slots import Horizon
from smac.snapshot.charge import Charge, charge_of, energy_wh

# Losses of the on-board charger and the battery each way: 8 to 12 per cent of AC energy never arrive.
CHARGE_EFFICIENCY = 0.92
DISCHARGE_EFFICIENCY = 0.92
# AC charging slows down only in the last tenth of the battery, DC charging, which is much faster, from four fifths on.
KNEE = 0.9
KNEE_DC = 0.8
# What a kWh given back costs the battery: 150 per kWh of capacity over some 3,000 full cycles.
WEAR_COST_PER_KWH = 0.05
# A car that stays after its departure is charged on in steps of this length: its window, and so its profile, does
# not move with every slot.
OVERSTAY = timedelta(hours=4)
_DC = (Connector.Standard.CCS, Connector.Standard.CHADEMO, Connector.Standard.TESLA)
# What 32 A on one phase of 230 V give: a car that takes no more by AC uses one phase as a rule.
_ONE_PHASE_W = 7_400
VOLTS = 230.0
_LEAST_A = 6


@dataclass(frozen=True, slots=True)
class Wish:
    """A session that is not in the database: what a quote is asked for, or a visit that is expected.

    `targets` are charges on the way: (moment, per cent). `phases` None is told from the power, `knee` None from the
    plug. `arrives_at` None: it is there.
    """

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
    targets: tuple[tuple[datetime, float], ...] = ()
    phases: int | None = None
    charge_efficiency: float = CHARGE_EFFICIENCY
    discharge_efficiency: float = DISCHARGE_EFFICIENCY
    knee: float | None = None
    wear_cost_per_kwh: float = WEAR_COST_PER_KWH
    arrives_at: datetime | None = None

    @property
    def is_visit(self) -> bool:
        """Whether nobody is there yet and nobody asks: it is only expected."""
        return self.arrives_at is not None

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


def track_of(need: ChargingNeed, horizon: Horizon, charge: Charge | None = None) -> Track:
    """The session of a stored need. An announced one is expected from the next slot on."""
    content_wh = (charge or charge_of(need)).energy_wh
    taper = need.taper_from_percent
    wish = Wish(
        key=key_of(need),
        evse=need.evse,
        mode=Mode(need.mode),
        battery_capacity_wh=float(need.battery_capacity_wh),
        soc_percent=content_wh / need.battery_capacity_wh * 100 if need.battery_capacity_wh else 0.0,
        target_soc_percent=need.target_soc_percent,
        departure_at=need.departure_at,
        max_charge_w=float(need.max_charge_w),
        min_charge_w=float(need.min_charge_w),
        max_discharge_w=float(need.max_discharge_w),
        v2g_allowed=need.v2g_allowed and (need.transaction is None or need.transaction.v2g_capable is not False),
        floor_soc_percent=need.floor_soc_percent,
        targets=targets_of(need),
        phases=need.phases,
        charge_efficiency=need.charge_efficiency,
        discharge_efficiency=need.discharge_efficiency,
        knee=None if taper is None else _share(taper),
        wear_cost_per_kwh=float(need.wear_cost_per_kwh),
    )
    return track_of_wish(wish, horizon, announced=need.status == ChargingNeed.Status.ANNOUNCED)


def targets_of(need: ChargingNeed) -> tuple[tuple[datetime, float], ...]:
    """What is to be reached on the way: (moment, per cent)."""
    return tuple((target.at, target.soc_percent) for target in need.targets.all())


def track_of_wish(wish: Wish, horizon: Horizon, *, announced: bool = False) -> Track:
    """The session of a wish: powers are what both the charger and the car can."""
    first = _first_slot(wish, horizon, announced=announced)
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
        targets=_targets(wish, horizon, capacity, first, last),
        min_charge_w=min(max(least_power(wish.evse, wish.phases, wish.max_charge_w), wish.min_charge_w), most),
        max_discharge_w=min(float(wish.evse.max_discharge_w), wish.max_discharge_w) if gives else 0.0,
        v2g=gives,
        floor_wh=round(_share(wish.floor_soc_percent) * capacity),
        charge_efficiency=wish.charge_efficiency,
        discharge_efficiency=wish.discharge_efficiency,
        phases=phases_of(wish.evse, wish.phases, wish.max_charge_w),
        announced=announced or first > 0,
        wear_cost_per_kwh=wish.wear_cost_per_kwh if gives else 0.0,
        knee=usual_knee(wish.evse) if wish.knee is None else wish.knee,
    )
    return Track(session, wish.evse.charge_point_id, wish.evse.pk)


def _first_slot(wish: Wish, horizon: Horizon, *, announced: bool) -> int:
    if wish.arrives_at is None or wish.arrives_at <= horizon.starts[0]:
        return 1 if announced else 0
    return min(horizon.touched_until(wish.arrives_at), len(horizon.starts))


def _targets(wish: Wish, horizon: Horizon, capacity: float, first: int, last: int) -> tuple[Target, ...]:
    """The charge at the departure, and before it those on the way that are still to come."""
    found = {last: round(_share(wish.target_soc_percent) * capacity)}
    for at, percent in wish.targets:
        slot = horizon.whole_until(at)
        if first < slot < last:
            found[slot] = max(round(_share(percent) * capacity), found.get(slot, 0))
    return tuple(Target(slot=slot, energy_wh=found[slot]) for slot in sorted(found))


def can_give(evse: Evse) -> bool:
    """Whether a charger can give energy back and be told to. Before its first boot it may still prove to be one."""
    speaks = bool(evse.charge_point.dialect) or evse.charge_point.booted_at is None
    return evse.max_discharge_w > 0 and speaks


def power_limit(evse: Evse, max_charge_w: float) -> float:
    """The lesser of charger and car; a car that says nothing takes what the charger gives."""
    return min(float(evse.max_power_w), max_charge_w) if max_charge_w > 0 else float(evse.max_power_w)


def least_power(evse: Evse, car_phases: int | None, max_charge_w: float) -> float:
    """Below this a car pauses: the charger's own least power, else 6 A on each phase in use (IEC 61851-1)."""
    if evse.min_power_w or is_dc(evse):
        return float(evse.min_power_w)
    return _LEAST_A * VOLTS * phase_count(evse, car_phases, max_charge_w)


def phase_count(evse: Evse, car_phases: int | None, max_charge_w: float) -> int:
    """How many phases car and charger use together; a car that is told nothing of uses one if its power fits there."""
    usual = 1 if 0 < max_charge_w <= _ONE_PHASE_W else evse.phases
    return evse.phases if is_dc(evse) else min(evse.phases, car_phases or usual)


def is_dc(evse: Evse) -> bool:
    """Whether the charger gives direct current: every one of its plugs does."""
    standards = [connector.standard for connector in evse.connectors.all()]
    return bool(standards) and all(standard in _DC for standard in standards)


def usual_knee(evse: Evse) -> float:
    """From which share of its capacity a battery takes less and less here."""
    return KNEE_DC if is_dc(evse) else KNEE


def phases_of(evse: Evse, car_phases: int | None, max_charge_w: float) -> tuple[int, ...]:
    """The grid's phases that a vehicle loads at an EVSE; () where they are not known. DC loads all that there are."""
    count = phase_count(evse, car_phases, max_charge_w)
    if count >= 3:
        return (1, 2, 3)
    if evse.first_phase is None:
        return ()
    return tuple(sorted((evse.first_phase - 1 + step) % 3 + 1 for step in range(count)))


def _share(percent: float) -> float:
    return min(max(percent, 0.0), 100.0) / 100


__all__ = [
    "CHARGE_EFFICIENCY",
    "Charge",
    "Track",
    "Wish",
    "can_give",
    "departure",
    "energy_wh",
    "key_of",
    "phases_of",
    "power_limit",
    "track_of",
    "track_of_wish",
]
