"""Payloads against OCPP's own schemas, mended where a fault of the firmware costs nothing.

A charger that gets an error for a session's fact repeats it, then drops it: what can be read is read. Only what leaves
a message without its meaning is refused.
"""

import json
from collections.abc import Iterable
from functools import lru_cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

from chargepoints.ocpp.rpc import Fault, RpcError

# Required by the schema, but we know what to do without: our own clock, an empty reading, no error.
_DISPENSABLE = frozenset(
    {
        "timestamp",
        "meterStart",
        "meterStop",
        "errorCode",
        "seqNo",
        "triggerReason",
        "sampledValue",
        "meterValue",
        "value",
        "reason",
        "vendorName",
        "model",
        "chargePointVendor",
        "chargePointModel",
        "connectorId",
        "generatedAt",
        "tbc",
        "techCode",
        "type",
    }
)
# The handlers know unknown words and unreadable moments, cut long texts and skip empty lists.
_HARMLESS = frozenset(
    {"additionalProperties", "enum", "format", "maxLength", "maxItems", "minItems", "multipleOf", "pattern"}
)
_ROUNDS = 3


@lru_cache(maxsize=512)
def validator(version: str, name: str) -> Any:
    """The compiled schema of a message such as ("1.6", "Heartbeat"), None when there is none.

    The schemas are those of the `ocpp` package (the Open Charge Alliance's own files).
    """
    folder = files("ocpp") / f"v{version.replace('.', '')}" / "schemas"
    if not name.isalnum() or not (path := folder / f"{name}.json").is_file():
        return None
    return jsonschema_rs.validator_for(json.loads(path.read_text(encoding="utf-8-sig")))


def mended(version: str, name: str, payload: Any) -> tuple[Any, list[str]]:
    """A payload that can be worked with, and what was wrong with it (paths, no values).

    :raises RpcError: when what is wrong cannot be overlooked.
    """
    if not isinstance(payload, dict):
        raise RpcError(Fault.SHAPE, "the payload is not an object")
    schema = validator(version, name)
    if schema is None or schema.is_valid(payload):
        return payload, []
    notes: list[str] = []
    for _ in range(_ROUNDS):
        notes += [_note(error) for error in _deepest_first(schema.iter_errors(payload)) if _mend(error, payload)]
        if not (left := [error for error in schema.iter_errors(payload) if _is_fatal(error)]):
            return payload, notes
    raise _fault(left[0], notes)


def _deepest_first(errors: Iterable[Any]) -> list[Any]:
    """And later items before earlier ones, so that leaving one out moves nothing that is still to be mended."""
    return sorted(errors, key=_place, reverse=True)


def _place(error: Any) -> list[tuple[int, str]]:
    return [(part, "") if isinstance(part, int) else (-1, part) for part in error.instance_path]


def _mend(error: Any, payload: dict[str, Any]) -> bool:
    """Turn a value into the type that was asked for, or leave it out; whether anything was done."""
    if error.kind.name != "type" or not error.instance_path:
        return not _is_fatal(error)
    *path, last = error.instance_path
    parent: Any = payload
    try:
        for part in path:
            parent = parent[part]
        value = parent[last]
    except (KeyError, IndexError, TypeError):
        return False
    converted = _converted(value, set(error.kind.types))
    if converted is not None:
        parent[last] = converted
    else:
        del parent[last]
    return True


def _converted(value: Any, types: set[str]) -> Any:
    """The value as one of the types, None when it is none of them."""
    if "string" in types and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    try:
        if "integer" in types and isinstance(value, str | float) and float(value).is_integer():
            return int(float(value))
        if "number" in types and isinstance(value, str):
            return float(value.replace(",", "."))
    except (ValueError, OverflowError):
        return None
    if "boolean" in types and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return [value] if "array" in types and isinstance(value, dict) else None


def _is_fatal(error: Any) -> bool:
    """Whatever a vendor puts into customData is the vendor's own matter."""
    kind = error.kind.name
    if "customData" in error.instance_path:
        return False
    if kind == "required":
        return error.kind.property not in _DISPENSABLE
    return kind not in _HARMLESS


def _note(error: Any) -> str:
    return f"{error.kind.name} {_path(error)}"


def _path(error: Any) -> str:
    parts = [str(part) for part in error.instance_path]
    if error.kind.name == "required":
        parts.append(error.kind.property)
    return ".".join(parts)


def _fault(error: Any, notes: list[str]) -> RpcError:
    """A field that is missing because its value was of no use was there, with the wrong type."""
    wrong_type = error.kind.name == "type" or f"type {_path(error)}" in notes
    kind = Fault.TYPE if wrong_type else Fault.MISSING if error.kind.name == "required" else Fault.VALUE
    return RpcError(kind, f"{kind}: {_path(error)}")
