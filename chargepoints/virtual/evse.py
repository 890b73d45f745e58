"""One EVSE of the virtual charge point: what it is, what is plugged in, and what runs on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from .meter import Meter
from .profiles import Circuit, Profile
from .reservations import Reservation
from .samples import AC_VOLTAGE_V, Sample, Supply, samples
from .session import Session
from .tokens import Token
from .vehicle import Vehicle

__all__ = ["Authorization", "Evse", "EvseSpec", "Reservation", "Session", "Token"]

# IEC 61851-1: the control pilot cannot tell a car less than 6 A.
MIN_CURRENT_A = 6


@dataclass(frozen=True)
class EvseSpec:
    """What was built: connectors (OCPP 2.0.1 connector types, numbered from 1), power in W, what it can tell.

    `lock`: "works", "jammed" (cannot be opened from afar) or "none" (a fixed cable).
    """

    number: int = 1
    connectors: tuple[str, ...] = ("sType2",)
    max_power_w: float = 11_000
    max_discharge_w: float = 0
    phases: int = 3
    dc: bool = False
    knows_soc: bool = False
    min_power_w: float | None = None
    lock: str = "works"

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
    fault_code: str | None = None
    parked: bool = False
    kept: bool = False
    inoperative_connectors: frozenset[int] = frozenset()

    @property
    def number(self) -> int:
        return self.spec.number

    @property
    def status(self) -> str:
        """One of the nine values of OCPP 1.6 (2.0.1 folds them)."""
        if self.fault:
            return "Faulted"
        if self.session:
            return "Preparing" if self.session.state in ("EVConnected", "Idle") else self.session.state
        if not self.operative:
            return "Unavailable"
        if self.vehicle:
            return "Finishing" if self.finished else "Preparing"
        if self.authorization:
            return "Preparing"
        return "Reserved" if self.reservation or self.kept else "Available"

    @property
    def authorized(self) -> bool:
        """Whether somebody may charge now."""
        return self.session.authorized if self.session else self.authorization is not None

    @property
    def soc_percent(self) -> float | None:
        """The battery's state, if this charger hears it from the car."""
        return self.vehicle.soc_percent if self.vehicle and self.spec.knows_soc else None

    def has_connector(self, number: int) -> bool:
        """Whether such a plug was built."""
        return 1 <= number <= len(self.spec.connectors)

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

    def samples(self, measurands: tuple[str, ...], *, offered_w: float = 0.0) -> list[Sample]:
        """The meter's values now, where `offered_w` is allowed."""
        supply = Supply(
            phases=self.spec.phases,
            dc=self.spec.dc,
            max_power_w=self.spec.max_power_w,
            offered_w=max(0.0, offered_w),
            soc_percent=self.soc_percent,
        )
        return samples(self.meter, supply, measurands)
