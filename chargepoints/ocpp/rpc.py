"""OCPP-J framing: text to messages and back (OCPP-J 1.6 chapter 4, OCPP 2.0.1 part 4 chapter 4)."""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson

CALL, CALL_RESULT, CALL_ERROR = 2, 3, 4
# What answers a frame whose id cannot be read (2.0.1 part 4, 4.2.3).
UNREADABLE_ID = "-1"
MOST_BYTES = 1024 * 1024


class Fault(StrEnum):
    """What is wrong with a frame; each version has its own code for it."""

    FRAME = "frame"  # no JSON, or no OCPP message
    MESSAGE_TYPE = "message_type"
    SHAPE = "shape"  # the payload is no object
    UNKNOWN_ACTION = "unknown_action"
    UNSUPPORTED_ACTION = "unsupported_action"
    MISSING = "missing"
    TYPE = "type"
    VALUE = "value"
    SECURITY = "security"
    INTERNAL = "internal"


class RpcError(Exception):
    """A message that gets a CALLERROR. ``reason`` names fields, never their values: it goes over the wire."""

    def __init__(self, fault: Fault, reason: str = "") -> None:
        super().__init__(reason)
        self.fault = fault
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Call:
    message_id: Any  # a text; a number from sloppy firmware is echoed as it came
    action: str
    payload: Any


@dataclass(frozen=True, slots=True)
class CallResult:
    message_id: str
    payload: Any


@dataclass(frozen=True, slots=True)
class CallError:
    message_id: str
    code: str
    description: str = ""
    details: Any = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Malformed:
    """A frame that is no message. ``answerable``: an answer to a broken answer would never end."""

    message_id: Any
    fault: Fault
    reason: str
    answerable: bool = True


Message = Call | CallResult | CallError | Malformed


def parse(frame: str | bytes) -> Message:
    """The message in a frame; never raises."""
    try:
        text = frame.decode() if isinstance(frame, bytes) else frame
        elements = _elements(text)
    except (ValueError, RecursionError):
        return Malformed(UNREADABLE_ID, Fault.FRAME, "not valid JSON")
    # Lone surrogates and NUL are valid in JSON and in no database.
    if "\\u" in text:
        elements = _storable(elements)
    return _message(elements)


def _elements(text: str) -> Any:
    """orjson is four times as fast, and refuses NaN, lone surrogates and numbers beyond a double's range."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text.lstrip("\ufeff"), parse_constant=_no_number)


def _message(elements: Any) -> Message:
    if not isinstance(elements, list) or not elements:
        return Malformed(UNREADABLE_ID, Fault.FRAME, "not an OCPP message")
    kind = elements[0]
    message_id = elements[1] if len(elements) > 1 and isinstance(elements[1], str | int | float) else UNREADABLE_ID
    if kind == CALL:
        return _call(elements, message_id)
    if kind == CALL_RESULT and len(elements) == 3:
        return CallResult(str(message_id), elements[2])
    if kind == CALL_ERROR and len(elements) >= 2:
        return _call_error(str(message_id), elements[2:])
    if kind in (CALL_RESULT, CALL_ERROR):
        return Malformed(message_id, Fault.FRAME, "incomplete answer", answerable=False)
    return Malformed(message_id, Fault.MESSAGE_TYPE, "unknown message type")


def _call(elements: list[Any], message_id: Any) -> Message:
    if len(elements) != 4 or not isinstance(elements[2], str):
        return Malformed(message_id, Fault.FRAME, "a CALL has four elements: 2, id, action, payload")
    return Call(message_id, elements[2], elements[3])


def _call_error(message_id: str, rest: list[Any]) -> CallError:
    """Some chargers leave out the description or the details."""
    code, description, details = (*rest, "", "", {})[:3] if len(rest) < 3 else rest[:3]
    return CallError(message_id, str(code), str(description), details)


def frame_of(*elements: Any) -> str:
    """The text of a message."""
    return text_of(elements)


def text_of(value: Any) -> str:
    """A value as JSON."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # whole numbers beyond 64 bits
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _no_number(_: str) -> None:
    """NaN and Infinity are no JSON; a field that holds one counts as empty."""


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "").encode(errors="replace").decode()
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value
