"""OCPP 2.0.1: the local authorisation list (block D)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Action, status
from ..outbox import Payload
from ..profile_wire import parse_optional_time
from ..rpc import Answer
from ..tokens import Entry

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint


def get_local_list_version(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """GetLocalListVersion; 0 where there is no list (D02)."""
    enabled = charge_point.variables.flag("local_list")
    return Answer({"versionNumber": charge_point.tokens.version if enabled else 0})


def send_local_list(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """SendLocalList, full or differential."""
    variables, wires = charge_point.variables, payload.get("localAuthorizationList", [])
    if not variables.flag("local_list") or len(wires) > variables.number("list_items"):
        return status("Failed")
    taken = charge_point.tokens.send_list(
        payload["versionNumber"],
        [(wire["idToken"]["idToken"], _entry(wire.get("idTokenInfo"))) for wire in wires],
        full=payload["updateType"] == "Full",
        longest=variables.number("list_max"),
    )
    variables.set("list_entries", str(len(charge_point.tokens)))
    return status(taken)


def _entry(info: Payload | None) -> Entry | None:
    if info is None:
        return None
    group = info.get("groupIdToken")
    expires_at = parse_optional_time(info.get("cacheExpiryDateTime"))
    return Entry(info["status"], group["idToken"] if group else None, expires_at)


ACTIONS: dict[str, Action] = {
    "GetLocalListVersion": get_local_list_version,
    "SendLocalList": send_local_list,
}
