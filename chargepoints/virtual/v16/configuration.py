"""OCPP 1.6: configuration keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Action, status
from ..outbox import Payload
from ..rpc import Answer

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint


def get_configuration(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """GetConfiguration: the keys asked for, or all; a key without a readable value is left out."""
    variables = charge_point.variables
    asked = payload.get("key") or [variable.v16 for variable in variables if variable.v16]
    found = {key: variables.by_key(key) for key in asked}
    known = [
        {"key": variable.v16, "readonly": not variable.writable, "value": variables[variable.name]}
        for variable in found.values()
        if variable and variable.readable
    ]
    return Answer({"configurationKey": known, "unknownKey": [key for key, v in found.items() if v is None]})


def change_configuration(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """ChangeConfiguration."""
    variable = charge_point.variables.by_key(payload["key"])
    if variable is None:
        return status("NotSupported")
    if not variable.writable or not variable.takes(payload["value"]):
        return status("Rejected")
    charge_point.variables.set(variable.name, payload["value"])
    return status("RebootRequired" if variable.reboot else "Accepted", charge_point.apply_variables)


ACTIONS: dict[str, Action] = {
    "GetConfiguration": get_configuration,
    "ChangeConfiguration": change_configuration,
}
