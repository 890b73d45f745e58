"""What a vendor's message tells about the car."""

import json
import math
from dataclasses import dataclass
from typing import Any

from chargepoints.domain.dialects.table import Dialect, Told

_YES = frozenset({"true", "yes", "1", "bidirectional", "v2g"})
_NO = frozenset({"false", "no", "0", "unidirectional", "none"})


@dataclass(frozen=True)
class CarTold:
    """What is known of the car at a connector; None where nothing was said. ``connector`` 0: the only one."""

    connector: int = 0
    soc_percent: float | None = None
    v2g: bool | None = None


def told_by(dialect: Dialect, message_id: str, data: Any) -> CarTold | None:
    """What a DataTransfer message says; None for a message that the dialect does not know.

    :raises ValueError: when the data is no JSON object.
    """
    message = next((one for one in dialect.told if one.message_id == message_id), None)
    if message is None:
        return None
    return _read(message, _object(data))


def _object(data: Any) -> dict[str, Any]:
    read = json.loads(data) if isinstance(data, str) else data
    if not isinstance(read, dict):
        raise ValueError("the data is no object")
    return read


def _read(message: Told, data: dict[str, Any]) -> CarTold:
    connector, soc = _number(_at(data, message.connector)), _number(_at(data, message.soc_percent))
    return CarTold(
        connector=int(connector) if connector is not None and 0 < connector < 2**15 else 0,
        soc_percent=soc if soc is not None and 0 <= soc <= 100 else None,
        v2g=_flag(_at(data, message.v2g)),
    )


def _at(data: Any, path: str) -> Any:
    """What stands at "battery.soc"; None where the path leads nowhere."""
    for name in path.split(".") if path else [""]:
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _number(value: Any) -> float | None:
    """80, "80", "80 %", "80,5" as a number."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(str(value).strip().removesuffix("%").strip().replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _flag(value: Any) -> bool | None:
    word = "" if value is None else str(value).strip().lower()
    return True if word in _YES else False if word in _NO else None
