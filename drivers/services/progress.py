"""What the session card shows: one record, the same for the page, the top bar and the summary."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from chargepoints.domain.command import CommandStatus
from chargepoints.domain.status import ConnectorStatus
from chargepoints.domain.tariff import CostBreakdown
from chargepoints.domain.transaction import ChargingState
from drivers.models import ChargeSession
from drivers.services import explanation, quotes, sessions, settlement, stopping
from drivers.services.explanation import Explanation
from drivers.services.quotes import Saving
from drivers.services.sessions import State
from smac import notices
from smac.models import ChargingNeed
from smac.snapshot.charge import Charge, charge_of

# What a charger and a sleeping car draw between them.
_IDLE_W = 100.0
# Meters report every quarter of an hour at the latest, heartbeats more often.
_SILENT_AFTER = timedelta(minutes=20)
_HELD_BY_CAR = {ChargingState.SUSPENDED_EV.value, ConnectorStatus.SUSPENDED_EV.value}


class Look(StrEnum):
    """The card's colour and word."""

    STARTING = "starting"
    CHARGING = "charging"
    ENDING = "ending"
    FINISHED = "finished"
    OVERDUE = "overdue"
    CLOSED = "closed"
    FAILED = "failed"


@dataclass(frozen=True)
class Progress:
    """A session now. State of charge in percent; ``cost`` is None until the charger began."""

    session: ChargeSession
    look: Look
    soc_percent: float
    soc_is_measured: bool
    soc_note: str
    energy_wh: float
    export_wh: float
    power_w: float
    cost: CostBreakdown | None
    explanation: Explanation | None
    overdue_minutes: int
    is_accepted: bool
    now: datetime
    silent_since: datetime | None = None  # the charger does not report: what is shown is of then
    is_held_by_car: bool = False  # the plan gives power, and the car does not take it

    @property
    def target_soc_percent(self) -> float:
        return self.session.need.target_soc_percent

    @property
    def is_waiting(self) -> bool:
        """Nothing flows, and the plan wants it so."""
        planned = self.explanation is not None and self.explanation.is_waiting
        return planned and abs(self.power_w) < _IDLE_W

    @property
    def duration_s(self) -> float:
        """From the charger's start to its end, or to now."""
        row = self.session.transaction
        return ((row.ended_at or self.now) - row.started_at).total_seconds() if row else 0.0

    @property
    def missing_percent(self) -> float:
        """By how much the battery is below what was wanted; rounding is no miss."""
        missing = self.target_soc_percent - self.soc_percent
        return missing if missing >= 1 else 0.0

    @property
    def ended_early(self) -> bool:
        ended_at = self.session.ended_at
        return ended_at is not None and self.session.planned_end_at - ended_at > timedelta(minutes=1)

    @property
    def plug_by(self) -> datetime:
        """Until when the car has to be plugged in after "Charge"."""
        return self.session.requested_at + sessions.PLUG_PATIENCE

    @property
    def stopped_because(self) -> str:
        """Who ended it, in words; empty where that speaks for itself."""
        row = self.session.transaction
        return stopping.sentence(row.stop_reason) if row and row.ended_at else ""

    @property
    def saving(self) -> Saving | None:
        """What the plan saved against charging at once, once it is over; by the same function as the quote's."""
        kept = self.session.footprint
        if not kept or self.cost is None:
            return None
        return quotes.saving(
            co2_g=kept.get("co2_g"),
            at_once_co2_g=kept.get("at_once_co2_g"),
            price=self.cost.total - self.cost.penalty,
            at_once_price=Decimal(kept["at_once_price"]),
        )

    @property
    def currency(self) -> str:
        return self.cost.currency if self.cost else "EUR"


def of(*, session: ChargeSession, now: datetime) -> Progress:
    """The state of a session at a moment."""
    row = session.transaction
    charge = state_of_charge(session)
    look = look_of(session=session, now=now)
    cost = settlement.cost_of(session=session, now=now)
    explained = _explained(session, now) if look is Look.CHARGING else None
    return Progress(
        session=session,
        look=look,
        soc_percent=charge.percent_of(session.need.battery_capacity_wh),
        soc_is_measured=charge.origin == ChargingNeed.SocOrigin.METER,
        soc_note=notices.of_charge(charge.origin, charge.uncertainty_percent),
        energy_wh=_energy(cost, "energy_wh", session),
        export_wh=_energy(cost, "export_wh", session),
        power_w=row.power_w if row else 0.0,
        cost=cost,
        explanation=explained,
        overdue_minutes=settlement.overdue_minutes(session=session, now=now),
        is_accepted=bool(session.command and session.command.status == CommandStatus.ACCEPTED),
        now=now,
        silent_since=_silent_since(session, now) if look in (Look.CHARGING, Look.ENDING) else None,
        is_held_by_car=look is Look.CHARGING and _is_held_by_car(session, explained),
    )


def _energy(cost: CostBreakdown | None, name: str, session: ChargeSession) -> float:
    """What is billed, so that card and receipt say the same; what the charger told where nothing is billed yet."""
    return (getattr(cost, name) if cost else 0.0) or getattr(session.transaction, name, 0.0)


def _silent_since(session: ChargeSession, now: datetime) -> datetime | None:
    """When a charger that does not report any more was last heard of; None where all is well."""
    point, row = session.evse.charge_point, session.transaction
    heard = [point.last_heard_at, row.last_value_at if row else None, row.started_at if row else None]
    last = max((at for at in heard if at is not None), default=now)
    return last if not point.is_connected or now - last > _SILENT_AFTER else None


def _is_held_by_car(session: ChargeSession, explained: Explanation | None) -> bool:
    """The charger says that the car takes nothing, while the plan would let it."""
    row = session.transaction
    if row is None or abs(row.power_w) >= _IDLE_W or (explained and explained.is_waiting):
        return False
    told = {row.charging_state, *(connector.status for connector in session.evse.connectors.all())}
    return bool(told & _HELD_BY_CAR)


def _explained(session: ChargeSession, now: datetime) -> Explanation | None:
    zone = session.evse.charge_point.supply_point.location.time_zone
    return explanation.of(need=session.need, zone=zone, now=now)


def look_of(*, session: ChargeSession, now: datetime) -> Look:
    """How the card looks at a moment."""
    if session.state == State.CHARGING:
        return Look.ENDING if session.stop_requested_at else Look.CHARGING
    if session.state == State.FINISHED:
        return Look.OVERDUE if session.pick_up_by and now > session.pick_up_by else Look.FINISHED
    return {State.STARTING: Look.STARTING, State.FAILED: Look.FAILED}.get(State(session.state), Look.CLOSED)


def state_of_charge(session: ChargeSession) -> Charge:
    """The battery now, as the plan takes it: what the car told, else what was said; and what was metered since."""
    need = session.need
    # Both are the same row; this one comes with the session.
    need.transaction = session.transaction
    return charge_of(need)


def soc_percent(session: ChargeSession) -> float:
    """The battery now, in per cent."""
    return state_of_charge(session).percent_of(session.need.battery_capacity_wh)
