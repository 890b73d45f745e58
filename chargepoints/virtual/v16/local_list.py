"""OCPP 1.6: the local authorisation list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Action, status
from ..outbox import Payload
from ..profile_wire import parse_optional_time
from ..rpc import Answer
from ..tokens import Entry

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint

# OCPP 1.6 section 5.10: what a charger without a local list answers.
NO_LIST = -1


def get_local_list_version(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """GetLocalListVersion."""
    enabled = charge_point.variables.flag("local_list")
    return Answer({"listVersion": charge_point.tokens.version if enabled else NO_LIST})


def send_local_list(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """SendLocalList, full or differential."""
    if not charge_point.variables.flag("local_list"):
        return status("NotSupported")
    wires = payload.get("localAuthorizationList", [])
    if len(wires) > charge_point.variables.number("list_items"):
        return status("Failed")
    taken = charge_point.tokens.send_list(
        payload["listVersion"],
        [(wire["idTag"], _entry(wire.get("idTagInfo"))) for wire in wires],
        full=payload["updateType"] == "Full",
        longest=charge_point.variables.number("list_max"),
    )
    return status(taken)


def _entry(info: Payload | None) -> Entry | None:
    if info is None:
        return None
    return Entry(info["status"], info.get("parentIdTag"), parse_optional_time(info.get("expiryDate")))


ACTIONS: dict[str, Action] = {
    "GetLocalListVersion": get_local_list_version,
    "SendLocalList": send_local_list,
}
