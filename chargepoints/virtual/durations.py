"""Spans of time as people write them: 90, 90s, 10m, 1h30m."""

from __future__ import annotations

import re

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_PART = re.compile(r"(\d+(?:\.\d+)?)([smhd])")


def seconds(text: str) -> float:
    """The span in seconds; a bare number is seconds. Raises ValueError for anything else."""
    word = text.strip().lower()
    if re.fullmatch(r"\d+(\.\d+)?", word):
        return float(word)
    if not re.fullmatch(f"({_PART.pattern})+", word):
        raise ValueError(f"no span of time: {text!r}")
    return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(word))
