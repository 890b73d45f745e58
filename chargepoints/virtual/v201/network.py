"""OCPP 2.0.1: where to connect next (B09). A profile takes effect when it leads the order and the charger reboots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Action, status
from ..outbox import Payload
from ..rpc import Answer

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint

SLOTS = range(4)


def set_network_profile(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """SetNetworkProfile; a weaker security profile than the present one is refused (B09.FR.04)."""
    slot, data = payload["configurationSlot"], payload["connectionData"]
    if data["securityProfile"] < charge_point.variables.number("security_profile"):
        return status("Rejected")
    if slot not in SLOTS or data["ocppVersion"] != "OCPP20" or data["ocppTransport"] != "JSON":
        return status("Failed")
    charge_point.networks[slot] = data["ocppCsmsUrl"]
    return status("Accepted")


ACTIONS: dict[str, Action] = {"SetNetworkProfile": set_network_profile}
