"""Damage to frames: what a broken firmware, a bad line or an attacker makes of them."""

import copy
import json
import random
from collections.abc import Callable
from typing import Any

ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    "",
    "\x00",
    "\ud800",
    "é" * 300,
    "x" * 5_000,
    "'; DROP TABLE chargepoints_transaction; --",
    "<script>",
    -1,
    0,
    2**31,
    2**63,
    -(2**63),
    10**400,
    1e308,
    -0.0,
    12.5,
    [],
    {},
    [[[[]]]],
    {"customData": {"vendorId": "x"}},
    "2026-02-30T25:61:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
)
Frame = str | bytes


def damaged(dice: random.Random, call: list[Any]) -> Frame:
    """The frame with one to four wounds."""
    for _ in range(dice.randint(1, 4)):
        dice.choice(_OF_MESSAGES)(dice, call)
    frame = json.dumps(call)
    # A websocket's text is UTF-8: half a surrogate pair comes as an escape only.
    if "\\ud800" not in frame and dice.random() < 0.5:
        frame = json.dumps(call, ensure_ascii=False)
    return dice.choice(_OF_TEXTS)(dice, frame) if dice.random() < 0.25 else frame


def _odd(dice: random.Random) -> Any:
    return copy.deepcopy(dice.choice(ODD_VALUES))


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a message."""
    if isinstance(value, dict):
        inner: list[tuple[Any, Any]] = [(value, key) for key in value]
    elif isinstance(value, list):
        inner = [(value, index) for index in range(len(value))]
    else:
        return []
    return inner + [place for container, key in inner for place in _places(container[key])]


def _place(dice: random.Random, call: list[Any]) -> tuple[Any, Any] | None:
    places = _places(call[3]) if len(call) > 3 else []
    return dice.choice(places) if places else None


def _replace(dice: random.Random, call: list[Any]) -> None:
    if place := _place(dice, call):
        place[0][place[1]] = _odd(dice)


def _remove(dice: random.Random, call: list[Any]) -> None:
    if place := _place(dice, call):
        del place[0][place[1]]


def _add(dice: random.Random, call: list[Any]) -> None:
    place = _place(dice, call)
    if place and isinstance(place[0], dict):
        place[0][dice.choice(["extra", "transactionId", "evse", "__class__", "x" * 300])] = _odd(dice)


def _repeat(dice: random.Random, call: list[Any]) -> None:
    place = _place(dice, call)
    if place and isinstance(place[0], list):
        place[0].extend([copy.deepcopy(place[0][place[1]])] * dice.choice([1, 5, 50]))


def _retype(dice: random.Random, call: list[Any]) -> None:
    if place := _place(dice, call):
        value = place[0][place[1]]
        place[0][place[1]] = dice.choice([str(value), [value], {"value": value}])


def _break_envelope(dice: random.Random, call: list[Any]) -> None:
    wound = dice.randrange(6)
    if wound == 0 and call:
        call[0] = dice.choice([0, 1, 3, 4, 5, 9, "2", None, -2, 2.0])
    elif wound == 1 and len(call) > 1:
        call[1] = dice.choice(["", "x" * 5_000, 7, None, [], {}, "\x00", -1, 1e300])
    elif wound == 2 and len(call) > 2:
        call[2] = dice.choice(["", "Nothing", "heartbeat", "Heartbeat\x00", None, 5, [], "../BootNotification"])
    elif wound == 3:
        call.append(_odd(dice))
    elif wound == 4 and call:
        call.pop()
    elif len(call) > 3:
        call[3] = _odd(dice)


def _cut(dice: random.Random, frame: Frame) -> Frame:
    return frame[: dice.randrange(len(frame) + 1)]


def _to_bytes(dice: random.Random, frame: Frame) -> Frame:
    raw = bytearray(frame.encode("utf-8", "surrogatepass") if isinstance(frame, str) else frame)
    for _ in range(dice.randint(0, 8)):
        if raw:
            raw[dice.randrange(len(raw))] = dice.randrange(256)
    return bytes(raw)


def _swap(dice: random.Random, frame: Frame) -> Frame:
    assert isinstance(frame, str)
    place = dice.randrange(len(frame) + 1)
    return frame[:place] + dice.choice(_PIECES) + frame[place:]


def _nest(dice: random.Random, frame: Frame) -> Frame:
    depth = dice.choice([5, 100, 20_000])
    return "[" * depth + "]" * depth if dice.random() < 0.5 else f'[2,"n","Heartbeat",{"[" * depth}{"]" * depth}]'


_PIECES = ('"', "{", "]", ",", "\\", "\\u0000", "\\ud800", "NaN", "\ufeff")
_OF_MESSAGES: tuple[Callable[[random.Random, list[Any]], None], ...] = (
    _replace,
    _replace,
    _replace,
    _remove,
    _add,
    _repeat,
    _retype,
    _break_envelope,
)
_OF_TEXTS: tuple[Callable[[random.Random, Frame], Frame], ...] = (_cut, _to_bytes, _swap, _nest)
