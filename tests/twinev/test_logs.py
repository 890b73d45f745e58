import logging
import sys

from twinev.logs import KeyValueFormatter


def line(**fields: object) -> str:
    record = logging.LogRecord("chargepoints", logging.WARNING, "x.py", 1, "went %s", ("wrong",), None)
    record.created = 1_770_000_000.5
    vars(record).update(fields)
    return KeyValueFormatter().format(record)


def test_a_line_tells_when_how_bad_who_and_what() -> None:
    assert line() == "2026-02-02T02:40:00.500+00:00 WARNING chargepoints went wrong"


def test_what_was_given_as_extra_stands_behind_as_pairs() -> None:
    assert line(transaction=7, charge_point="CP 1").endswith("went wrong charge_point='CP 1' transaction=7")


def test_a_line_break_in_a_value_cannot_forge_a_second_line() -> None:
    assert "\n" not in line(charge_point="CP\n2026 ERROR forged")


def test_an_error_brings_its_traceback() -> None:
    try:
        raise ValueError("no such slot")
    except ValueError:
        assert "ValueError: no such slot" in line(exc_info=sys.exc_info())
