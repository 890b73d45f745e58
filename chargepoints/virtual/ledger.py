"""What the chargers' own meters say of each transaction, to be compared with what the server keeps."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from .session import Session

if TYPE_CHECKING:
    from .charge_point import VirtualChargePoint


@dataclass(frozen=True)
class Line:
    """One transaction. Times are the truth, whatever the charger's clock said; `ended_at` None: it runs.

    `transaction_id`: as the server knows it; None if it has not been told. `key`: the charger's own name for it.
    """

    identity: str
    version: str
    evse_number: int
    key: str
    transaction_id: str | None
    token: str | None
    started_at: datetime
    ended_at: datetime | None
    meter_start_wh: int
    meter_stop_wh: int
    export_wh: int
    reason: str

    @property
    def energy_wh(self) -> int:
        """What went into the car."""
        return self.meter_stop_wh - self.meter_start_wh


@dataclass(frozen=True)
class Ledger:
    """All transactions, what still waits to be told, and what was given up after the server had failed on it."""

    lines: tuple[Line, ...]
    waiting: int
    given_up: int

    def as_json(self) -> str:
        """One object, the lines with their energy."""
        lines = [{**asdict(line), "energy_wh": line.energy_wh} for line in self.lines]
        whole = {"transactions": lines, "waiting": self.waiting, "given_up": self.given_up}
        return json.dumps(whole, indent=1, default=datetime.isoformat)


def ledger(charge_points: Iterable[VirtualChargePoint]) -> Ledger:
    """The state of this moment."""
    chargers = list(charge_points)
    lines = [line(charger, session) for charger in chargers for session in charger.history]
    waiting = sum(len(charger.link.outbox) for charger in chargers)
    return Ledger(tuple(lines), waiting, sum(charger.link.given_up for charger in chargers))


def line(charge_point: VirtualChargePoint, session: Session) -> Line:
    """One transaction; of a running one the registers of now."""
    meter = charge_point.evse(session.evse_number).meter
    ended = session.meter_stop_wh is not None
    meter_stop_wh = session.meter_stop_wh if session.meter_stop_wh is not None else round(meter.import_wh)
    export_stop_wh = session.export_stop_wh if session.export_stop_wh is not None else round(meter.export_wh)
    return Line(
        identity=charge_point.identity,
        version=charge_point.version,
        evse_number=session.evse_number,
        key=session.key,
        transaction_id=session.transaction_id,
        token=session.token.value if session.token else None,
        started_at=session.started_at,
        ended_at=session.ended_at if ended else None,
        meter_start_wh=session.meter_start_wh,
        meter_stop_wh=meter_stop_wh,
        export_wh=export_stop_wh - session.export_start_wh,
        reason=session.reason,
    )
