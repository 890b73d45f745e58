"""One EVSE of the virtual charge point: what it is, what is plugged in, and what runs on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .meter import AC_VOLTAGE_V, Meter, Sample
from .profiles import Circuit, Profile
from .vehicle import Vehicle

# IEC 61851-1: the control pilot cannot tell a car less than 6 A.
MIN_CURRENT_A = 6


@dataclass(frozen=True)
class Token:
    """An identification as presented: the card's value and OCPP 2.0.1's kind of it."""

    value: str
    kind: str = "ISO14443"


@dataclass(frozen=True)
class EvseSpec:
    """What was built: connectors (OCPP 2.0.1 connector types, numbered from 1), power in W, what it can tell."""

    number: int = 1
    connectors: tuple[str, ...] = ("cType2",)
    max_power_w: float = 11_000
    max_discharge_w: float = 0
    phases: int = 3
    dc: bool = False
    knows_soc: bool = False
    min_power_w: float | None = None

    @property
    def least_power_w(self) -> float:
        """A positive limit below this means pause."""
        if self.min_power_w is not None:
            return self.min_power_w
        return 0.0 if self.dc else MIN_CURRENT_A * AC_VOLTAGE_V * self.phases


@dataclass
class Authorization:
    """Someone may charge here: waits for the cable until `expires_at`."""

    token: Token
    trigger: str
    expires_at: datetime
    group: str | None = None
    remote_start_id: int | None = None
    profile: Profile | None = None


@dataclass(frozen=True)
class Reservation:
    """Kept for one token (or its group) until `expires_at`."""

    reservation_id: int
    token: Token
    expires_at: datetime
    group: str | None = None

    def fits(self, token: Token, group: str | None) -> bool:
        """Whether this card, or a card of the same group, holds the reservation."""
        same_group = group is not None and self.group is not None and group.lower() == self.group.lower()
        return same_group or token.value.lower() == self.token.value.lower()


@dataclass
class Session:
    """A transaction as the charger sees it. `transaction_id` stays None in 1.6 until the server has given one."""

    key: str
    evse_number: int
    token: Token
    started_at: datetime
    meter_start_wh: int
    trigger: str
    transaction_id: str | None = None
    group: str | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    sequence: int = 0
    state: str = "EVConnected"
    next_sample_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""
    stop_token: Token | None = None

    def next_sequence(self) -> int:
        """The number for the next TransactionEvent, from 0 on."""
        self.sequence += 1
        return self.sequence - 1


@dataclass
class Evse:
    """State of one EVSE; changed by `station.Station` only."""

    spec: EvseSpec
    meter: Meter = field(default_factory=Meter)
    vehicle: Vehicle | None = None
    connector: int = 1
    session: Session | None = None
    authorization: Authorization | None = None
    reservation: Reservation | None = None
    finished: bool = False
    operative: bool = True
    inoperative_after_session: bool = False
    fault: str | None = None

    @property
    def number(self) -> int:
        return self.spec.number

    @property
    def status(self) -> str:
        """One of the nine values of OCPP 1.6 (2.0.1 folds them)."""
        if self.fault:
            return "Faulted"
        if self.session:
            return "Preparing" if self.session.state == "EVConnected" else self.session.state
        if not self.operative:
            return "Unavailable"
        if self.vehicle:
            return "Finishing" if self.finished else "Preparing"
        if self.authorization:
            return "Preparing"
        return "Reserved" if self.reservation else "Available"

    @property
    def soc_percent(self) -> float | None:
        """The battery's state, if this charger hears it from the car."""
        return self.vehicle.soc_percent if self.vehicle and self.spec.knows_soc else None

    def circuit(self) -> Circuit:
        """What charging profiles are worked out for."""
        return Circuit(
            evse_number=self.number,
            phases=self.spec.phases,
            dc=self.spec.dc,
            max_power_w=self.spec.max_power_w,
            max_discharge_w=self.spec.max_discharge_w,
            session_key=self.session.key if self.session else None,
            session_started_at=self.session.started_at if self.session else None,
        )

    def samples(self, measurands: tuple[str, ...]) -> list[Sample]:
        """The meter's values now."""
        return self.meter.samples(
            phases=self.spec.phases, dc=self.spec.dc, soc_percent=self.soc_percent, measurands=measurands
        )
