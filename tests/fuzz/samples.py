"""Frames as a charger might send them: payloads drawn from OCPP's own schemas."""

import json
import random
from functools import cache
from importlib.resources import files
from typing import Any

# A handful of words that mean something to the server, so that a drawn message meets what is stored.
TOKENS = ("DEADBEEF", "NOBODY", "")
MOMENTS = ("2026-03-02T09:00:00Z", "2026-03-02T09:10:00.123Z", "1970-01-01T00:00:00Z", "2026-03-02T10:00:00+01:00")
ODDS_OF_AN_OPTION = 0.5
MOST_ITEMS = 3


@cache
def schema(version: str, action: str) -> dict[str, Any]:
    """The schema of a call; LookupError where a version has no such message."""
    name = action if version == "1.6" else f"{action}Request"
    path = files("ocpp") / f"v{version.replace('.', '')}" / "schemas" / f"{name}.json"
    if not path.is_file():
        raise LookupError(name)
    return json.loads(path.read_text(encoding="utf-8-sig"))


def call(dice: random.Random, version: str, actions: tuple[str, ...], serial: int) -> list[Any]:
    """A call that the schema allows, as a list of four."""
    action = dice.choice(actions)
    whole = schema(version, action)
    return [2, f"f{serial}", action, _drawn(dice, whole, whole, "")]


def _drawn(dice: random.Random, whole: dict[str, Any], part: dict[str, Any], name: str) -> Any:
    if "$ref" in part:
        part = whole["definitions"][part["$ref"].rpartition("/")[2]]
    if "enum" in part:
        return dice.choice(part["enum"])
    kind = part.get("type", "object")
    if kind == "object":
        return _object(dice, whole, part)
    if kind == "array":
        count = dice.randint(part.get("minItems", 0), MOST_ITEMS)
        return [_drawn(dice, whole, part["items"], name) for _ in range(count)]
    return _scalar(dice, kind, part, name)


def _object(dice: random.Random, whole: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    required = set(part.get("required", ()))
    return {
        key: _drawn(dice, whole, value, key)
        for key, value in part.get("properties", {}).items()
        if key in required or dice.random() < ODDS_OF_AN_OPTION
    }


def _scalar(dice: random.Random, kind: str, part: dict[str, Any], name: str) -> Any:
    if kind == "boolean":
        return dice.random() < 0.5
    if kind == "integer":
        return dice.choice([0, 1, 1, 2, dice.randint(0, 100_000)])
    if kind == "number":
        return round(dice.uniform(-10_000, 100_000), 1)
    if part.get("format") == "date-time":
        return dice.choice(MOMENTS)
    if name in ("idTag", "idToken"):
        return dice.choice(TOKENS)
    if name == "value":
        return str(dice.choice([dice.randint(0, 100_000), round(dice.uniform(0, 100), 2), "NaN", "12,5"]))
    return "".join(dice.choices("abcDEF 123/äß", k=dice.randint(0, min(part.get("maxLength", 20), 20))))
