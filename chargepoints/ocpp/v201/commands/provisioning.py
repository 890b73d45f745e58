"""Block B: variables, reports, network connection, restart."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from chargepoints.domain import intents, reports
from chargepoints.ocpp.v201 import device_model
from chargepoints.ocpp.v201.commands.words import Payload, Words, status_in, without_nothing
from chargepoints.ocpp.version import Request
from chargepoints.services import security

_SET = frozenset({"Accepted", "RebootRequired"})


def _get_variables(intent: intents.GetVariables) -> Request:
    asked = [{**device_model.place(one), "attributeType": one.attribute} for one in intent.variables]
    return Request("GetVariables", {"getVariableData": asked})


def _set_variables(intent: intents.SetVariables) -> Request:
    wanted = [
        {**device_model.place(one), "attributeType": one.attribute, "attributeValue": one.value}
        for one in intent.variables
    ]
    return Request("SetVariables", {"setVariableData": wanted})


def _configure(intent: intents.Configure) -> Request:
    """The key is ``Component.Variable``.

    :raises ValueError: for a key of another form.
    """
    return _set_variables(_as_set(intent))


def _as_set(intent: intents.Configure | intents.SetVariables) -> intents.SetVariables:
    if isinstance(intent, intents.SetVariables):
        return intent
    component, dot, variable = intent.key.partition(".")
    if not dot:
        raise ValueError("the name of a variable is Component.Variable")
    return intents.SetVariables((intents.Variable(variable, component, value=intent.value),))


def _set_secret(intent: intents.SetSecret) -> Request:
    return _configure(intents.Configure("SecurityCtrlr.BasicAuthPassword", security.secret_of(intent.seed)))


def _all_were_told(payload: Payload) -> bool:
    """Those that were refused say so in their rows; the question was answered."""
    return all("attributeStatus" in one for one in _results(payload, "getVariableResult"))


def _all_were_set(payload: Payload) -> bool:
    return all(one["attributeStatus"] in _SET for one in _results(payload, "setVariableResult"))


def _results(payload: Payload, name: str) -> list[Payload]:
    """The results of an answer.

    :raises LookupError: when there are none.
    """
    results: list[Payload] = payload[name]
    if not results:
        raise LookupError(name)
    return results


def _told(intent: intents.GetVariables, payload: Payload, now: datetime) -> reports.VariablesReported:
    return reports.VariablesReported(tuple(map(device_model.told, _results(payload, "getVariableResult"))))


def _set_told(
    intent: intents.SetVariables | intents.Configure, payload: Payload, now: datetime
) -> reports.VariablesReported:
    """An answer does not repeat the values: those that were asked for stand in their order (B05.FR.01)."""
    results = _results(payload, "setVariableResult")
    values = _values(_as_set(intent).variables, results)
    return reports.VariablesReported(
        tuple(device_model.was_set(one, value) for one, value in zip(results, values, strict=True)), was_set=True
    )


def _values(wanted: Iterable[intents.Variable], results: list[Payload]) -> list[str]:
    """The value that was asked for, for each result: by name, as some chargers answer in their own order."""
    values = {device_model.key(device_model.place(one), one.attribute): one.value for one in wanted}
    return [values.get(device_model.key(one, one.get("attributeType")), "") for one in results]


def _get_report(intent: intents.GetReport) -> Request:
    if intent.base:
        return Request("GetBaseReport", {"requestId": intent.request_id, "reportBase": intent.base})
    return Request(
        "GetReport",
        without_nothing(
            requestId=intent.request_id,
            componentCriteria=list(intent.criteria),
            componentVariable=[device_model.place(one) for one in intent.variables],
        ),
    )


def _set_network_profile(intent: intents.SetNetworkProfile) -> Request:
    connection: dict[str, Any] = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": intent.url,
        "messageTimeout": intent.message_timeout_s,
        "securityProfile": intent.security_profile,
        "ocppInterface": intent.interface,
    }
    return Request("SetNetworkProfile", {"configurationSlot": intent.slot, "connectionData": connection})


def _reset(intent: intents.Reset) -> Request:
    kind = "Immediate" if intent.immediate else "OnIdle"
    return Request("Reset", without_nothing(type=kind, evseId=intent.evse_number or None))


WORDS = {
    intents.GetVariables.kind: Words(_get_variables, _all_were_told, _told),
    intents.SetVariables.kind: Words(_set_variables, _all_were_set, _set_told),
    intents.Configure.kind: Words(_configure, _all_were_set, _set_told),
    intents.SetSecret.kind: Words(_set_secret, _all_were_set),
    intents.GetReport.kind: Words(_get_report, status_in("Accepted", "EmptyResultSet")),
    intents.SetNetworkProfile.kind: Words(_set_network_profile),
    intents.Reset.kind: Words(_reset, status_in("Accepted", "Scheduled")),
}
