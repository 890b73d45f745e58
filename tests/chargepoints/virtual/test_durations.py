"""Spans of time."""

import pytest

from chargepoints.virtual.durations import seconds


@pytest.mark.parametrize(
    ("text", "expected"), [("90", 90), ("90s", 90), ("10m", 600), ("1h30m", 5_400), ("1.5h", 5_400), ("2D", 172_800)]
)
def test_a_span_is_read(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "soon", "10x", "m", "-5s", "1h 30m"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="span"):
        seconds(text)
