"""Recorded curves, mapped onto dates."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from twinev.demo import curves

BERLIN = ZoneInfo("Europe/Berlin")
ATHENS = ZoneInfo("Europe/Athens")
MONDAY = date(2026, 11, 23)
SPRING_CHANGE = date(2026, 3, 29)
AUTUMN_CHANGE = date(2026, 10, 25)


def test_a_day_is_priced_like_the_same_week_and_weekday_of_the_recorded_year():
    recorded = curves.recorded_day(MONDAY)
    assert recorded == date(2018, 11, 26)
    assert recorded.weekday() == MONDAY.weekday()


def test_week_53_borrows_the_last_recorded_week():
    assert curves.recorded_day(date(2026, 12, 31)) == date(2018, 12, 27)


def test_prices_are_the_recorded_ones_in_euro_per_kwh():
    prices = curves.price_curve(date(2026, 1, 1), BERLIN)  # ISO week 1, Thursday: 4 January 2018
    assert prices[0] == (datetime(2025, 12, 31, 23, tzinfo=UTC), Decimal("-0.00036"))
    assert prices[1][1] == Decimal("-0.00557")
    assert len(prices) == 24


def test_athens_reads_the_same_prices_at_its_own_wall_clock():
    berlin, athens = curves.price_curve(MONDAY, BERLIN), curves.price_curve(MONDAY, ATHENS)
    assert [price for _, price in athens] == [price for _, price in berlin]
    assert berlin[0][0] - athens[0][0] == timedelta(hours=1)


@pytest.mark.parametrize(("day", "hours"), [(SPRING_CHANGE, 23), (MONDAY, 24), (AUTUMN_CHANGE, 25)])
def test_clock_changes_make_days_shorter_or_longer_without_gap_or_overlap(day: date, hours: int):
    price_starts = [start for start, _ in curves.price_curve(day, BERLIN)]
    assert len(price_starts) == hours
    for curve in (curves.demand_curve("h0", 3500, day, BERLIN), curves.production_curve("steinheim", 5, day, BERLIN)):
        starts = [start for start, _ in curve]
        assert len(starts) == hours * 4
        assert {later - earlier for earlier, later in pairwise(starts)} == {timedelta(minutes=15)}
        assert starts[0] == price_starts[0]
        assert starts[0].astimezone(BERLIN).date() == starts[-1].astimezone(BERLIN).date() == day


def test_the_hour_that_the_clock_skips_has_no_price_and_the_doubled_one_has_the_same_twice():
    spring = [start.astimezone(BERLIN).hour for start, _ in curves.price_curve(SPRING_CHANGE, BERLIN)]
    assert 2 not in spring
    autumn = [price for start, price in curves.price_curve(AUTUMN_CHANGE, BERLIN) if start.astimezone(BERLIN).hour == 2]
    assert len(autumn) == 2
    assert autumn[0] == autumn[1]


@pytest.mark.parametrize("profile", curves.PROFILES)
def test_a_year_of_demand_adds_up_to_the_annual_energy(profile: str):
    days = (date(2026, 1, 1) + timedelta(days=offset) for offset in range(365))
    energy_kwh = sum(w for day in days for _, w in curves.demand_curve(profile, 100_000, day, BERLIN)) / 4000
    assert energy_kwh == pytest.approx(100_000, rel=0.01)


def test_homes_peak_in_the_evening_and_businesses_by_day():
    def peak_hour(profile: str) -> int:
        peak = max(curves.demand_curve(profile, 10_000, MONDAY, BERLIN), key=lambda entry: entry[1])
        return peak[0].astimezone(BERLIN).hour

    assert 18 <= peak_hour("h0") <= 20
    assert 9 <= peak_hour("g0") <= 12


@pytest.mark.parametrize(
    ("day", "season"),
    [
        (date(2026, 3, 20), "winter"),
        (date(2026, 3, 21), "transition"),
        (date(2026, 5, 15), "summer"),
        (date(2026, 9, 14), "summer"),
        (date(2026, 9, 15), "transition"),
        (date(2026, 11, 1), "winter"),
    ],
)
def test_seasons_change_on_the_days_that_the_profiles_define(day: date, season: str):
    assert curves.season(day) == season


@pytest.mark.parametrize(
    ("site", "zone", "least", "most"), [("steinheim", BERLIN, 880, 980), ("athens", ATHENS, 1350, 1500)]
)
def test_a_year_of_sun_yields_what_is_usual_at_the_site(site: str, zone: ZoneInfo, least: int, most: int):
    days = (date(2026, 1, 1) + timedelta(days=offset) for offset in range(365))
    energy_kwh = sum(w for day in days for _, w in curves.production_curve(site, 1.0, day, zone)) / 4000
    assert least < energy_kwh < most


def test_the_sun_shines_around_noon_and_never_at_midnight():
    curve = curves.production_curve("steinheim", 10, date(2026, 6, 15), BERLIN)
    peak = max(curve, key=lambda entry: entry[1])
    assert peak[0].astimezone(BERLIN).hour in (12, 13, 14)
    assert curve[0][1] == curve[-1][1] == 0


def test_cloudiness_differs_from_day_to_day_but_never_for_the_same_day():
    days = [date(2026, 6, 1) + timedelta(days=offset) for offset in range(30)]
    shares = [curves.clearness("athens", day) for day in days]
    assert len(set(shares)) == 30
    assert all(0 < share <= 1 for share in shares)
    assert shares == [curves.clearness("athens", day) for day in days]


@pytest.mark.parametrize("country", curves.COUNTRIES)
def test_the_mix_is_cleaner_when_more_of_it_is_renewable(country: str):
    carbon = dict(curves.co2_curve(country, MONDAY, BERLIN))
    share = dict(curves.renewable_curve(country, MONDAY, BERLIN))
    assert carbon.keys() == share.keys()
    assert all(100 < grams < 1000 for grams in carbon.values())
    assert all(0 < percent < 100 for percent in share.values())
    assert share[min(carbon, key=carbon.__getitem__)] > share[max(carbon, key=carbon.__getitem__)]


def test_every_shipped_file_is_small_and_named_with_its_source():
    sources = (curves.DATA / "SOURCES.md").read_text(encoding="utf-8")
    files = list(curves.DATA.glob("*.csv"))
    assert len(files) == 6
    for file in files:
        assert file.stat().st_size < 150 * 1024
        assert f"`{file.name}`" in sources
