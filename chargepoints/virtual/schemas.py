"""The official JSON schemas (as shipped by the `ocpp` library), so that wrong frames of either side are noticed."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema_rs

from .rpc import CALL

_FOLDERS = {"1.6": "v16", "2.0.1": "v201"}


def violation(version: str, action: str, kind: int, payload: Any) -> str | None:
    """What is wrong with a CALL's or CALLRESULT's payload, in one line; None if it is right or has no schema."""
    validator = _validator(version, action, kind)
    if validator is None:
        return None
    error = next(validator.iter_errors(payload), None)
    return f"{action}: {error.message}" if error else None


@cache
def _validator(version: str, action: str, kind: int) -> Any:
    request_ending = "" if version == "1.6" else "Request"
    name = action + (request_ending if kind == CALL else "Response")
    path = files("ocpp") / _FOLDERS[version] / "schemas" / f"{name}.json"
    if not path.is_file():
        return None
    return jsonschema_rs.validator_for(json.loads(path.read_text(encoding="utf-8-sig")))
