"""Variables of the device model between 2.0.1's words and ours (2.0.1 part 1 chapter 4)."""

from typing import Any

from chargepoints.domain import intents, reports
from chargepoints.ocpp import reading

Payload = dict[str, Any]


def place(variable: intents.Variable) -> Payload:
    """Component and variable; a name alone says all variables of a component."""
    component: Payload = {"name": variable.component}
    if variable.component_instance:
        component["instance"] = variable.component_instance
    if variable.evse_number:
        component["evse"] = {"id": variable.evse_number}
        if variable.connector_number:
            component["evse"]["connectorId"] = variable.connector_number
    if not variable.name:
        return {"component": component}
    named: Payload = {"name": variable.name}
    if variable.instance:
        named["instance"] = variable.instance
    return {"component": component, "variable": named}


def key(data: Payload, attribute: Any) -> tuple[Any, ...]:
    """What tells one variable from another, without case (2.0.1 part 2, 2.1.1)."""
    known = _place(data)
    return (*(str(known[name]).casefold() for name in sorted(known)), str(attribute or "Actual"))


def told(result: Payload) -> reports.VariableReported:
    """One result of GetVariables."""
    status = reading.text(result.get("attributeStatus"), 24)
    return reports.VariableReported(
        **_place(result),
        attribute=reading.text(result.get("attributeType") or "Actual", 8),
        value=reading.text(result.get("attributeValue"), 2500),
        refusal="" if status == "Accepted" else status,
    )


def was_set(result: Payload, value: str) -> reports.VariableReported:
    """One result of SetVariables, and the value that had been asked for."""
    status = reading.text(result.get("attributeStatus"), 24)
    return reports.VariableReported(
        **_place(result),
        attribute=reading.text(result.get("attributeType") or "Actual", 8),
        value=value,
        needs_reboot=status == "RebootRequired",
        refusal="" if status in ("Accepted", "RebootRequired") else status,
    )


def reported(payload: Payload) -> reports.VariablesReported:
    """One part of a NotifyReport: one fact for each attribute of each variable."""
    return reports.VariablesReported(
        tuple(one for data in payload.get("reportData") or () for one in _attributes(data)),
        request_id=reading.whole(payload.get("requestId")) or 0,
        part=max(reading.whole(payload.get("seqNo")) or 0, 0),
        is_last=payload.get("tbc") is not True,
    )


def _attributes(data: Payload) -> list[reports.VariableReported]:
    traits = data.get("variableCharacteristics") or {}
    return [
        reports.VariableReported(
            **_place(data),
            attribute=reading.text(one.get("type") or "Actual", 8),
            value=reading.text(one.get("value"), 2500),
            mutability=reading.text(one.get("mutability") or "ReadWrite", 9),
            data_type=reading.text(traits.get("dataType"), 16),
            unit=reading.text(traits.get("unit"), 16),
            min_limit=reading.number(traits.get("minLimit")),
            max_limit=reading.number(traits.get("maxLimit")),
            values_list=reading.text(traits.get("valuesList"), 1000),
        )
        for one in data.get("variableAttribute") or ()
    ]


def _place(data: Payload) -> dict[str, Any]:
    component, variable = data.get("component") or {}, data.get("variable") or {}
    evse = component.get("evse") or {}
    return {
        "component": reading.text(component.get("name"), 50),
        "component_instance": reading.text(component.get("instance"), 50),
        "evse_number": reading.small_number(evse.get("id")),
        "connector_number": reading.small_number(evse.get("connectorId")),
        "name": reading.text(variable.get("name"), 50),
        "instance": reading.text(variable.get("instance"), 50),
    }
