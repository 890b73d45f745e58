"""Settings of a charger: what may be written to them, and in how many messages."""

import math
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TypeVar

_T = TypeVar("_T")
# Written, and never told again (2.0.1 A.2.2, 1.6 security whitepaper 5): nothing of them is kept here.
SECRETS = frozenset({"AuthorizationKey", "BasicAuthPassword"})
# What a charger that never told its own limit is asked at once (2.0.1 2.11 ItemsPerMessage).
USUAL_ITEMS = 10


class Objection(StrEnum):
    """Why a value is not even sent to the charger."""

    READ_ONLY = "read_only"
    NO_NUMBER = "no_number"
    NO_FLAG = "no_flag"
    TOO_LOW = "too_low"
    TOO_HIGH = "too_high"
    NOT_OFFERED = "not_offered"


def objection(
    value: str,
    *,
    mutability: str,
    data_type: str = "",
    min_limit: float | None = None,
    max_limit: float | None = None,
    values_list: str = "",
) -> Objection | None:
    """What speaks against setting a variable to ``value``, by what the charger told of it; None: nothing.

    For texts the limits are of their length (2.0.1 2.51).
    """
    if mutability == "ReadOnly":
        return Objection.READ_ONLY
    if data_type in ("integer", "decimal"):
        return _of_number(value, data_type, min_limit, max_limit)
    if data_type == "boolean":
        return None if value.lower() in ("true", "false") else Objection.NO_FLAG
    if data_type in ("OptionList", "MemberList", "SequenceList"):
        return _of_list(value, data_type, values_list)
    return _of_size(float(len(value)), min_limit, max_limit) if data_type == "string" else None


def _of_number(value: str, data_type: str, least: float | None, most: float | None) -> Objection | None:
    try:
        number = float(int(value)) if data_type == "integer" else float(value)
    except (ValueError, OverflowError):
        return Objection.NO_NUMBER
    return _of_size(number, least, most) if math.isfinite(number) else Objection.NO_NUMBER


def _of_size(size: float, least: float | None, most: float | None) -> Objection | None:
    if least is not None and size < least:
        return Objection.TOO_LOW
    # 0 is how some chargers say that there is no limit.
    return Objection.TOO_HIGH if most and size > most else None


def _of_list(value: str, data_type: str, values_list: str) -> Objection | None:
    """A charger that tells no list of its own takes what it takes."""
    offered = set(words(values_list))
    chosen = [value] if data_type == "OptionList" else words(value)
    return Objection.NOT_OFFERED if offered and not offered.issuperset(chosen) else None


def words(text: str) -> list[str]:
    """The members of a comma-separated list."""
    return [word.strip() for word in text.split(",") if word.strip()]


def in_messages(items: Sequence[_T], at_once: int | None) -> Iterator[Sequence[_T]]:
    """``items`` in pieces of at most ``at_once``."""
    size = max(at_once or USUAL_ITEMS, 1)
    for start in range(0, len(items), size):
        yield items[start : start + size]
