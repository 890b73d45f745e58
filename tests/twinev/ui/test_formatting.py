from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import translation

from twinev.ui import formatting

NOW = datetime(2026, 11, 23, 17, 15, tzinfo=UTC)
BERLIN = SimpleNamespace(time_zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("language", "power", "price", "share"),
    [
        ("en", "11.0\u00a0kW", "€1,234.50", "64%"),
        ("de", "11,0\u00a0kW", "1.234,50\u00a0€", "64\u00a0%"),
        ("el", "11,0\u00a0kW", "1.234,50\u00a0€", "64%"),
    ],
)
def test_figures_are_written_as_the_language_writes_them(language: str, power: str, price: str, share: str) -> None:
    with translation.override(language):
        assert formatting.kilo(11_000, "kW", 1) == power
        assert formatting.money(Decimal("1234.5")) == price
        assert formatting.percent(64) == share


def test_what_is_not_known_is_a_dash() -> None:
    texts = [formatting.kilo(None, "kWh", 1), formatting.money(""), formatting.percent(None), formatting.duration(None)]
    assert texts == ["–"] * 4


def test_halves_are_rounded_away_from_zero_and_nothing_has_no_sign() -> None:
    with translation.override("en"):
        assert formatting.money(Decimal("0.125")) == "€0.13"
        assert formatting.kilo(-20, "kW", 1) == "0.0\u00a0kW"
        assert formatting.money(Decimal("-3.2")) == "-€3.20"


def test_a_time_today_is_the_clock_in_the_zone_of_the_place() -> None:
    with translation.override("en"):
        assert formatting.clock(NOW, BERLIN, NOW) == "18:15"


def test_a_time_on_another_day_says_which() -> None:
    with translation.override("en"):
        assert formatting.clock(NOW, BERLIN, NOW, shape="H:i:s") == "18:15:00"
        assert formatting.clock(NOW + timedelta(hours=8), BERLIN, NOW) == "tomorrow 02:15"
        assert formatting.clock(NOW - timedelta(days=1), "Europe/Berlin", NOW) == "yesterday 18:15"
        assert formatting.clock(NOW + timedelta(days=3), BERLIN, NOW) == "26 Nov, 18:15"


def test_midnight_is_judged_in_the_zone_of_the_place() -> None:
    """22:30 UTC is still today in London and tomorrow already in Athens."""
    late = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)
    with translation.override("en"):
        assert formatting.clock(late, "Europe/London", NOW) == "22:30"
        assert formatting.clock(late, "Europe/Athens", NOW) == "tomorrow 00:30"


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=25), "in 25 min"),
        (timedelta(minutes=-5), "5 min ago"),
        (timedelta(hours=2, minutes=5), "in 2 h 05 min"),
        (timedelta(days=-1, hours=-3), "1 day ago"),
    ],
)
def test_distances_in_time_are_said_as_people_say_them(distance: timedelta, words: str) -> None:
    with translation.override("en"):
        assert formatting.distance_in_time(NOW + distance, NOW) == words
