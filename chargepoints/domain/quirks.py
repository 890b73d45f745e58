"""What single firmwares do otherwise than the standard says: a table of data, found by vendor, model and firmware."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, tzinfo
from fnmatch import fnmatchcase
from typing import Any

_PATTERNS = ("vendor", "model", "firmware")


class TableError(ValueError):
    """An entry of the table says something that nobody here understands."""


@dataclass(frozen=True)
class Quirks:
    """What is known of one charger's firmware; the defaults are those of the standard."""

    # The name of the V2G dialect that it speaks (data/dialects.toml).
    dialect: str = ""
    # The unit that its energy registers are really in, whatever they are labelled.
    energy_unit: str = ""
    # Moments without a zone are local time of its place, not UTC (1.6 3.15 leaves it open).
    local_time: bool = False
    # "A" or "W": it accepts the other unit and does not follow it, or says nothing of units.
    rate_unit: str = ""
    # Schedules that began in the past are refused.
    starts_now: bool = False
    max_periods: int | None = None
    max_profiles: int | None = None
    # GetCompositeSchedule is answered with rubbish: it is not asked.
    no_read_back: bool = False
    # Profiles are gone after each reconnect, not only after a restart.
    forgets_on_reconnect: bool = False
    # It does not answer websocket pings: silence is no sign of a dead link.
    no_pong: bool = False
    # Its meter stop is told this much too low: no reason to doubt a session.
    meter_slack_wh: float = 0.0
    # Names of its own for OCPP's measurands: pairs.
    measurands: tuple[tuple[str, str], ...] = ()

    @property
    def mends(self) -> bool:
        """Whether its messages have to be put right before they are read."""
        return bool(self.energy_unit or self.local_time or self.measurands)


NONE = Quirks()
_FIELDS = {one.name: one for one in fields(Quirks)}
_TYPES: dict[str, tuple[type, ...]] = {"max_periods": (int,), "max_profiles": (int,), "meter_slack_wh": (int, float)}


@dataclass(frozen=True)
class Entry:
    """A line of the table: whom it is about, and what it says."""

    patterns: tuple[str, str, str]
    says: Mapping[str, Any]
    seen: str

    def fits(self, vendor: str, model: str, firmware: str) -> bool:
        told = (vendor, model, firmware)
        pairs = zip(told, self.patterns, strict=True)
        return all(fnmatchcase(text.strip().lower(), pattern) for text, pattern in pairs)


def parse(rows: Iterable[Mapping[str, Any]]) -> tuple[Entry, ...]:
    """The table out of its file.

    :raises TableError: for an entry without source, or with a word or a type that is not known.
    """
    return tuple(_entry(dict(row)) for row in rows)


def _entry(row: dict[str, Any]) -> Entry:
    patterns = tuple(str(row.pop(name, "*")).lower() for name in _PATTERNS)
    seen = row.pop("seen", "")
    if not seen or patterns == ("*", "*", "*"):
        raise TableError(f"an entry needs a source and somebody it is about: {row}")
    for name, value in row.items():
        if not _is_right(name, value):
            raise TableError(f"unknown: {name} = {value!r}")
    says = {name: tuple(value.items()) if isinstance(value, dict) else value for name, value in row.items()}
    return Entry((patterns[0], patterns[1], patterns[2]), says, seen)


def _is_right(name: str, value: Any) -> bool:
    if name not in _FIELDS:
        return False
    if name == "measurands":
        return isinstance(value, dict)
    return isinstance(value, _TYPES.get(name, (type(_FIELDS[name].default),)))


def of(entries: Sequence[Entry], *, vendor: str, model: str, firmware: str) -> Quirks:
    """What is known of a charger that tells this of itself; of two entries the later one counts."""
    known = NONE
    for entry in entries:
        if entry.fits(vendor, model, firmware):
            known = replace(known, **entry.says)
    return known


def mend(payload: dict[str, Any], quirks: Quirks, zone: tzinfo) -> dict[str, Any]:
    """A charger's message as the standard would have had it, for firmware that needs it.

    :param zone: the zone of the charger's place.
    """
    mended = _mended(payload, quirks, zone)
    assert isinstance(mended, dict)
    return mended


def _mended(value: Any, quirks: Quirks, zone: tzinfo) -> Any:
    if isinstance(value, list):
        return [_mended(item, quirks, zone) for item in value]
    if not isinstance(value, dict):
        return value
    result = {key: _mended(item, quirks, zone) for key, item in value.items()}
    if quirks.local_time and isinstance(result.get("timestamp"), str):
        result["timestamp"] = _with_zone(result["timestamp"], zone)
    return _sample(result, quirks) if "value" in result else result


def _with_zone(text: str, zone: tzinfo) -> str:
    try:
        moment = datetime.fromisoformat(text.strip().upper())
    except ValueError:
        return text
    return text if moment.tzinfo is not None else moment.replace(tzinfo=zone).isoformat()


def _sample(sample: dict[str, Any], quirks: Quirks) -> dict[str, Any]:
    """A sampled value under its right name and in its right unit. A signed one is not touched."""
    if sample.get("format") == "SignedData":
        return sample
    measurand = dict(quirks.measurands).get(str(sample.get("measurand")))
    if measurand is not None:
        sample = {**sample, "measurand": measurand}
    if not quirks.energy_unit or not str(sample.get("measurand") or "Energy.").startswith("Energy."):
        return sample
    if isinstance(unit := sample.get("unitOfMeasure"), dict):
        return {**sample, "unitOfMeasure": {**unit, "unit": quirks.energy_unit}}
    return {**sample, "unit": quirks.energy_unit}
