"""OCPP 2.0.1: in and out of service (block G), and starting anew (B11, B12)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Action, status
from ..evse import Evse
from ..outbox import Payload
from ..rpc import Answer
from .wire import evse_of

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint


def change_availability(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """ChangeAvailability of the station, an EVSE or one connector; scheduled where a transaction runs."""
    asked, station = payload.get("evse"), charge_point.station
    operative = payload["operationalStatus"] == "Operative"
    if not asked:
        at_once = [station.set_operative(evse, operative) for evse in station.evses.values()]
        return status("Accepted" if all(at_once) else "Scheduled")
    evse, connector = evse_of(charge_point, asked["id"]), asked.get("connectorId")
    if evse is None or (connector is not None and not evse.has_connector(connector)):
        return status("Rejected")
    if connector is None:
        done = station.set_operative(evse, operative)
    else:
        done = station.set_connector_operative(evse, connector, operative)
    return status("Accepted" if done else "Scheduled")


def reset(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """Reset of the station or of one EVSE, at once or when no transaction runs."""
    number = payload.get("evseId")
    evse = evse_of(charge_point, number)
    if number and evse is None:
        return status("Rejected")
    sessions = [evse.session] if evse and evse.session else [] if evse else charge_point.station.sessions()
    if payload["type"] == "OnIdle" and sessions:
        return status("Scheduled", lambda: charge_point.spawn(_when_idle(charge_point, evse)))
    return status("Accepted", lambda: charge_point.spawn(_now(charge_point, evse)))


async def _when_idle(charge_point: VirtualChargePoint, evse: Evse | None) -> None:
    await charge_point.wait_for(lambda cp: not (evse.session if evse else cp.station.sessions()), timeout=None)
    await _now(charge_point, evse, "ScheduledReset")


async def _now(charge_point: VirtualChargePoint, evse: Evse | None, reason: str = "RemoteReset") -> None:
    if evse is None:
        await charge_point.reboot(boot_reason=reason, end_reason="ImmediateReset")
    elif evse.session:
        charge_point.station.end(evse.session, "ImmediateReset")


ACTIONS: dict[str, Action] = {"ChangeAvailability": change_availability, "Reset": reset}
