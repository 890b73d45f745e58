"""Configuration keys (core 5.3, 5.8)."""

from datetime import datetime
from typing import Any

from chargepoints.domain import intents, reports
from chargepoints.domain.reports import VariableReported
from chargepoints.ocpp import reading
from chargepoints.ocpp.version import Request
from chargepoints.ocpp.words import Payload, Words, status_in, without_nothing
from chargepoints.services import security

_SET = status_in("Accepted", "RebootRequired")


def _configure(intent: intents.Configure) -> Request:
    return Request("ChangeConfiguration", {"key": intent.key, "value": intent.value})


def _set_secret(intent: intents.SetSecret) -> Request:
    return Request("ChangeConfiguration", {"key": "AuthorizationKey", "value": security.secret_of(intent.seed)})


def _changed(intent: intents.Configure, answer: Payload, now: datetime) -> reports.VariablesReported:
    told = VariableReported(
        name=intent.key,
        value=intent.value,
        needs_reboot=answer["status"] == "RebootRequired",
        refusal="" if _SET(answer) else reading.text(answer["status"], 24),
    )
    return reports.VariablesReported((told,), was_set=True)


def _get_configuration(intent: intents.GetVariables) -> Request:
    return Request("GetConfiguration", without_nothing(key=[variable.name for variable in intent.variables]))


def _was_answered(answer: Payload) -> bool:
    """Nothing in it has to be there (6.22): that it came is the yes."""
    return True


def _told(intent: intents.GetVariables, answer: Payload, now: datetime) -> reports.VariablesReported:
    """Keys with their values, and those that the charger does not know."""
    known = tuple(_key(one) for one in _listed(answer, "configurationKey") if isinstance(one, dict))
    unknown = tuple(_unknown(reading.text(key, 50)) for key in _listed(answer, "unknownKey"))
    return reports.VariablesReported(known + unknown)


def _unknown(key: str) -> VariableReported:
    return VariableReported(name=key, refusal="UnknownVariable")


def _listed(answer: Payload, name: str) -> list[Any]:
    """Sloppy firmware sends one thing where a list of one is meant."""
    value = answer.get(name) or []
    return value if isinstance(value, list) else [value]


def _key(one: Payload) -> VariableReported:
    return VariableReported(
        name=reading.text(one.get("key"), 50),
        value=reading.text(one.get("value"), 500),
        mutability="ReadOnly" if str(one.get("readonly")).lower() == "true" else "ReadWrite",
    )


WORDS = {
    intents.Configure.kind: Words(_configure, _SET, _changed),
    intents.SetSecret.kind: Words(_set_secret, _SET),
    intents.GetVariables.kind: Words(_get_configuration, _was_answered, _told),
}
