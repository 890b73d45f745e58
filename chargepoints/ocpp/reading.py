"""Reading what chargers send, and writing what they read: moments, numbers, texts, samples. Nothing here raises."""

import math
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from chargepoints.domain.metering import ENERGY_IMPORT, Sample, checked, default_unit, to_base

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
UNREADABLE = "unreadable"
LARGEST_NUMBER = 32767  # of EVSEs and connectors
# No meter of this world shows more; beyond, differences of readings would be no numbers any more.
_LARGEST_VALUE = 1e15


def moment(text: Any, default: datetime) -> datetime:
    """A moment in UTC; without zone it is UTC already (chargers that send local time mean it so, per 1.6 3.9).

    A clock at 1970 is kept as it is; what cannot be read becomes ``default``.
    """
    try:
        value = datetime.fromisoformat(str(text).strip().upper())
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (ValueError, OverflowError):
        return default


def moment_text(value: datetime) -> str:
    """RFC 3339 in UTC, with milliseconds."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def number(value: Any) -> float | None:
    """A finite number: 12.5, "12.5", "12,5", "1.234,5", "80 %"; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        try:
            return float(value) if math.isfinite(value) else None
        except OverflowError:
            return None
    text = str(value or "").strip().removesuffix("%").rstrip()
    if "," in text:
        text = text.replace(".", "").replace(",", ".") if text.rfind(",") > text.rfind(".") else text.replace(",", "")
    if not _NUMBER.fullmatch(text):
        return None
    result = float(text)
    return result if math.isfinite(result) else None


def small_number(value: Any) -> int:
    """The number of an EVSE or connector; 0 for rubbish."""
    result = number(value)
    return int(result) if result is not None and 0 < result <= LARGEST_NUMBER else 0


def whole(value: Any) -> int | None:
    """A whole number that fits a database's, or None."""
    result = number(value)
    return int(result) if result is not None and abs(result) < 2**31 else None


def text(value: Any, length: int) -> str:
    """A text of at most ``length`` characters; empty for nothing."""
    return "" if value is None else str(value)[:length]


def token(value: Any) -> str:
    """A token without the control bytes that some readers append. Never cut: a part could be somebody else's."""
    return "".join(character for character in str(value) if character.isprintable()).strip()


def sample(*, at: datetime, value: Any, unit: str | None, multiplier: int = 0, fields: Mapping[str, Any]) -> Sample:
    """One sampled value in base units; a value that is no number is kept with a flaw.

    ``fields`` has measurand, phase, location and context in OCPP's words; what is left out means OCPP's defaults.
    """
    measurand = text(fields.get("measurand") or ENERGY_IMPORT, 40)
    read = number(value)
    factor = 10.0 ** max(-12, min(multiplier, 12))
    base_value, base_unit = to_base((read or 0.0) * factor, unit or default_unit(measurand))
    is_readable = read is not None and abs(base_value) <= _LARGEST_VALUE
    return Sample(
        at=at,
        measurand=measurand,
        value=base_value if is_readable else 0.0,
        unit=text(base_unit, 12),
        phase=text(fields.get("phase"), 8),
        location=text(fields.get("location") or "Outlet", 12),
        context=text(fields.get("context") or "Sample.Periodic", 24),
        raw=text(value, 40),
        flaw="" if is_readable else UNREADABLE,
    )


def readable_first(samples: Iterable[Sample]) -> tuple[Sample, ...]:
    """Where a value was sent twice, the readable one is met first and counts."""
    return tuple(sorted(samples, key=lambda one: bool(one.flaw)))


def register_wh(samples: Iterable[Sample], *, context: str, last: bool = False) -> float | None:
    """The energy register of a block: the sample of ``context``, else the first (or ``last``) one; None without."""
    registers = [one for one in samples if one.measurand == ENERGY_IMPORT and not one.phase and not checked(one).flaw]
    # What passed the outlet is the driver's.
    registers = [one for one in registers if one.location == "Outlet"] or registers
    marked = [one for one in registers if one.context == context]
    chosen = marked or sorted(registers, key=lambda one: one.at)
    return chosen[-1 if last else 0].value if chosen else None
