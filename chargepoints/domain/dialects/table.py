"""The table of V2G dialects."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Setpoint:
    """A vendor's message that asks for a power: ``template`` is the JSON of its data with words in braces."""

    message_id: str
    template: str

    def data(self, *, connector: int, power_w: float, transaction: str) -> str:
        """The message's data. Negative power: discharge."""
        words = {
            "{connector}": str(connector),
            "{power_w}": str(round(power_w)),
            "{power_kw}": str(round(power_w / 1000, 3)),
            "{transaction}": json.dumps(transaction)[1:-1],
        }
        text = self.template
        for word, value in words.items():
            text = text.replace(word, value)
        return text


@dataclass(frozen=True)
class Told:
    """A vendor's message about the car: where in the JSON of its data each fact stands, names joined by dots."""

    message_id: str
    soc_percent: str = ""
    v2g: str = ""
    connector: str = ""


@dataclass(frozen=True)
class Dialect:
    """How one kind of charger speaks of V2G. ``vendor_id`` is the one of its DataTransfer messages."""

    name: str
    negative_limits: bool = False
    vendor_id: str = ""
    setpoint: Setpoint | None = None
    told: tuple[Told, ...] = ()
    measurands: tuple[tuple[str, str], ...] = ()
    # Settings of a charger that tell that it speaks so: "Key" (1.6) or "Component.Variable", true or yes.
    keys: tuple[str, ...] = ()


def parse(rows: Iterable[Mapping[str, Any]]) -> dict[str, Dialect]:
    """The dialects of a file by their names.

    :raises TypeError: for an entry without name or with a word that is not known.
    :raises ValueError: for messages without a vendor's id, or a template that gives no JSON.
    """
    dialects = [_dialect(dict(row)) for row in rows]
    return {one.name: one for one in dialects}


def _dialect(row: dict[str, Any]) -> Dialect:
    setpoint, told = row.pop("setpoint", None), row.pop("told", [])
    measurands, keys = tuple(row.pop("measurands", {}).items()), tuple(row.pop("keys", ()))
    said = Setpoint(setpoint["message_id"], setpoint["data"]) if setpoint else None
    messages = tuple(Told(**one) for one in told)
    dialect = Dialect(**row, measurands=measurands, keys=keys, setpoint=said, told=messages)
    if (said or dialect.told) and not dialect.vendor_id:
        raise ValueError(f"{dialect.name}: messages of which vendor?")
    if said:
        json.loads(said.data(connector=1, power_w=-1.0, transaction="1"))
    return dialect
