"""How a charger is told to give energy back, where OCPP has no words for it yet, and how it tells of the car.

"limits": a negative limit in a charging profile. "limits-soc": the same, and a vendor's message tells the battery's
state. "setpoints": only a vendor's message sets a power; profiles with negative limits are refused.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .evse import Evse
from .outbox import Entry, Payload

if TYPE_CHECKING:
    from .charge_point import VirtualChargePoint

LIMITS, LIMITS_SOC, SETPOINTS = "limits", "limits-soc", "setpoints"
VENDOR = "org.twinev.v2g"


class V2g:
    """The dialect of one charger."""

    def __init__(self, charge_point: VirtualChargePoint, dialect: str) -> None:
        self._charge_point = charge_point
        self.dialect = dialect
        if dialect == SETPOINTS:
            charge_point.data_transfers[VENDOR] = self._hear

    @property
    def takes_negative_limits(self) -> bool:
        """Whether a profile may ask for energy."""
        return self.dialect != SETPOINTS

    def _hear(self, message_id: str | None, data: Any) -> tuple[str, str | None]:
        """A vendor's message; the status of DataTransfer."""
        if message_id != "SetPower":
            return "UnknownMessageId", None
        asked = json.loads(data) if isinstance(data, str) else data
        evse = self._charge_point.station.evses.get(int(asked["connectorId"]))
        if evse is None or evse.session is None or str(asked["transactionId"]) != evse.session.transaction_id:
            return "Rejected", None
        evse.session.setpoint_w = float(asked["power"])
        self._charge_point.station.refresh()
        return "Accepted", None

    def tell(self, evse: Evse) -> None:
        """What the car said of its battery; offline it is not kept."""
        message = self._message(evse)
        if message and evse.vehicle and self._charge_point.link.online:
            message_id, facts = message
            data: Any = facts if self._charge_point.version != "1.6" else json.dumps(facts)
            payload = {"vendorId": VENDOR, "messageId": message_id, "data": data}
            self._charge_point.link.outbox.put(Entry("DataTransfer", payload))

    def _message(self, evse: Evse) -> tuple[str, Payload] | None:
        car = evse.vehicle
        if car is None or self.dialect == LIMITS:
            return None
        soc_percent, gives = round(car.soc_percent, 1), car.max_discharge_w > 0
        if self.dialect == LIMITS_SOC:
            return "VehicleStatus", {"connectorId": evse.number, "soc": soc_percent, "v2gCapable": gives}
        return "BatteryStatus", {
            "connectorId": evse.number,
            "battery": {"stateOfCharge": soc_percent, "bidirectional": gives},
        }
