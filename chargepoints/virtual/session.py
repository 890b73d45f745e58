"""A transaction as the charger sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .tokens import Token


@dataclass
class Session:
    """`transaction_id` stays None in 1.6 until the server has given one; `token` until somebody has shown one.

    `authorized` says whether energy may flow; `energy_cap_wh` how much of it, where the server refused the token.
    `setpoint_w`: a power that a vendor's message asked for (negative: out of the car). `waits_until`: without a car by
    then, a transaction that began with a card ends. `detached`: the cable is out and the transaction goes on.
    `held`: the points of `transaction_points` that were last seen to hold.
    """

    key: str
    evse_number: int
    token: Token | None
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
    authorized: bool = True
    energy_cap_wh: float | None = None
    waits_until: datetime | None = None
    meter_stop_wh: int | None = None
    export_start_wh: int = 0
    export_stop_wh: int | None = None
    seconds_charging: float = 0.0
    detached: bool = False
    setpoint_w: float | None = None
    held: frozenset[str] = frozenset()

    def next_sequence(self) -> int:
        """The number for the next TransactionEvent, from 0 on."""
        self.sequence += 1
        return self.sequence - 1

    def cap_reached(self, import_wh: float) -> bool:
        """Whether a refused token has had what it may have."""
        return self.energy_cap_wh is not None and import_wh - self.meter_start_wh >= self.energy_cap_wh
