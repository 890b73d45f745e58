"""OCPP 2.0.1: reading and changing variables (B05, B06)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import Action
from ..outbox import Payload
from ..rpc import Answer
from .device_model import Fact, facts

if TYPE_CHECKING:
    from ..charge_point import VirtualChargePoint


def get_variables(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """GetVariables."""
    known = list(facts(charge_point))
    return Answer({"getVariableResult": [_get(known, asked) for asked in payload["getVariableData"]]})


def _get(known: list[Fact], asked: Payload) -> Payload:
    result, fact = _same_place(asked), _find(known, asked)
    if fact is None:
        return {**result, "attributeStatus": _unknown(known, asked)}
    if result["attributeType"] != "Actual":
        return {**result, "attributeStatus": "NotSupportedAttributeType"}
    if fact.setting and not fact.setting.readable:
        return {**result, "attributeStatus": "Rejected"}
    return {**result, "attributeStatus": "Accepted", "attributeValue": fact.value}


def set_variables(charge_point: VirtualChargePoint, payload: Payload) -> Answer:
    """SetVariables."""
    known = list(facts(charge_point))
    results = [_set(charge_point, known, asked) for asked in payload["setVariableData"]]
    return Answer({"setVariableResult": results}, charge_point.apply_variables)


def _set(charge_point: VirtualChargePoint, known: list[Fact], asked: Payload) -> Payload:
    result, fact = _same_place(asked), _find(known, asked)
    if fact is None:
        return {**result, "attributeStatus": _unknown(known, asked)}
    if result["attributeType"] != "Actual":
        return {**result, "attributeStatus": "NotSupportedAttributeType"}
    setting = fact.setting
    if setting is None or not setting.writable or not setting.takes(asked["attributeValue"]):
        return {**result, "attributeStatus": "Rejected"}
    charge_point.variables.set(setting.name, asked["attributeValue"])
    return {**result, "attributeStatus": "RebootRequired" if setting.reboot else "Accepted"}


def _find(known: list[Fact], asked: Payload) -> Fact | None:
    """Exactly the place that was named: an EVSE or an instance that is not told is none."""
    component, variable = asked["component"], asked["variable"]
    evse = component.get("evse", {})
    place = (evse.get("id"), evse.get("connectorId"), variable.get("instance"))
    return next(
        (
            fact
            for fact in known
            if (fact.evse, fact.connector, fact.instance) == place and fact.fits(component, variable)
        ),
        None,
    )


def _unknown(known: list[Fact], asked: Payload) -> str:
    named = any(fact.fits(asked["component"], None) for fact in known)
    return "UnknownVariable" if named else "UnknownComponent"


def _same_place(asked: Payload) -> Payload:
    kept = {name: asked[name] for name in ("component", "variable")}
    return {**kept, "attributeType": asked.get("attributeType", "Actual")}


ACTIONS: dict[str, Action] = {"GetVariables": get_variables, "SetVariables": set_variables}
