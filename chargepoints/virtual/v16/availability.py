"""OCPP 1.6: in and out of service, and starting anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Action, status
from ..outbox import Payload
from ..rpc import Answer

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint


def change_availability(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """ChangeAvailability of one connector, or (0) of all; scheduled where a transaction runs."""
    connector_id, station = payload["connectorId"], charge_point.station
    evses = list(station.evses.values()) if connector_id == 0 else [station.evses.get(connector_id)]
    if None in evses:
        return status("Rejected")
    operative = payload["type"] == "Operative"
    at_once = [station.set_operative(evse, operative) for evse in evses if evse]
    return status("Accepted" if all(at_once) else "Scheduled")


def reset(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """Reset: soft ends the transactions and says so first, hard drops the line at once."""
    return status("Accepted", lambda: charge_point.spawn(_reset(charge_point, payload["type"])))


async def _reset(charge_point: VirtualChargePoint, kind: str) -> None:
    await charge_point.reboot(boot_reason="RemoteReset", end_reason=f"{kind}Reset", hard=kind == "Hard")


ACTIONS: dict[str, Action] = {"ChangeAvailability": change_availability, "Reset": reset}
