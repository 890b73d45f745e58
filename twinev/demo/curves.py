"""Recorded prices, load and sun, mapped onto any date.

The files in `data/` hold real curves of other days (SOURCES.md). A date asked for gets the recorded day that is
most like it: prices the same ISO week and weekday of 2018, load the same season and day type, sun the same month.
All functions are pure and answer for the local day of `zone`: 92, 96 or 100 quarter hours, or 23, 24 or 25 hours.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import cache
from pathlib import Path

DATA = Path(__file__).with_name("data")
HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)

RECORDED_YEAR = 2018  # its ISO weeks 1-52 are exactly 1 January to 30 December

PROFILES = ("h0", "g0")
SITES = ("steinheim", "athens")
COUNTRIES = ("DE", "GR")


def slots(day: date, zone: tzinfo, step: timedelta) -> Iterator[datetime]:
    """Starts (UTC) of the steps of a local day; clock changes make it shorter or longer."""
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    while start < end:
        yield start
        start += step


def recorded_day(day: date) -> date:
    """The day of 2018 whose prices stand in for `day`: same ISO week, same weekday."""
    _, week, weekday = day.isocalendar()
    return date.fromisocalendar(RECORDED_YEAR, min(week, 52), weekday)


def price_curve(day: date, zone: tzinfo) -> list[tuple[datetime, Decimal]]:
    """Hourly day-ahead prices in EUR/kWh, without taxes and fees; the wall hour in `zone` picks the recorded hour."""
    row = _prices()[recorded_day(day).isoformat()]
    return [(start, row[start.astimezone(zone).hour]) for start in slots(day, zone, HOUR)]


def demand_curve(profile: str, annual_kwh: float, day: date, zone: tzinfo) -> list[tuple[datetime, int]]:
    """Mean power in W by quarter hour of a consumer with `annual_kwh` a year and a BDEW `profile` (h0 or g0)."""
    row = _loads()[profile, season(day), day_type(day)]
    factor = annual_kwh / 1000 * (dynamisation(day) if profile == "h0" else 1.0)
    return [(start, round(row[_quarter(start.astimezone(zone))] * factor)) for start in slots(day, zone, QUARTER)]


def production_curve(site: str, kwp: float, day: date, zone: tzinfo) -> list[tuple[datetime, int]]:
    """Mean PV output in W by quarter hour of `kwp` at a `site`: the month's clear sky times the day's cloudiness."""
    row = _clear_sky()[site, day.month]
    factor = kwp * clearness(site, day)
    return [(start, round(row[_quarter(start)] * factor)) for start in slots(day, zone, QUARTER)]


def co2_curve(country: str, day: date, zone: tzinfo) -> list[tuple[datetime, int]]:
    """Hourly carbon intensity of the national mix in g/kWh (2018, mean of the month's weekdays or weekends)."""
    return _mix_curve(country, "co2_g_per_kwh", day, zone)


def renewable_curve(country: str, day: date, zone: tzinfo) -> list[tuple[datetime, int]]:
    """Hourly renewable share of the national mix in percent, as `co2_curve`."""
    return _mix_curve(country, "renewable_percent", day, zone)


def season(day: date) -> str:
    """BDEW's seasons: winter 1 November to 20 March, summer 15 May to 14 September, transition between."""
    month_day = (day.month, day.day)
    if month_day >= (11, 1) or month_day <= (3, 20):
        return "winter"
    return "summer" if (5, 15) <= month_day <= (9, 14) else "transition"


def day_type(day: date) -> str:
    return {5: "saturday", 6: "sunday"}.get(day.weekday(), "weekday")


def dynamisation(day: date) -> float:
    """BDEW's polynomial that smooths H0 over the year; about 1.24 in January, 0.8 in July."""
    t = day.timetuple().tm_yday
    return -3.92e-10 * t**4 + 3.2e-7 * t**3 - 7.02e-5 * t**2 + 2.1e-3 * t + 1.24


def clearness(site: str, day: date) -> float:
    """Share of the clear-sky energy on a day, 0-1: varies from day to day around the month's mean, always the same
    for the same day and site."""
    mean = _cloudiness()[site][day.month - 1]
    spread = min(mean - 0.12, 1.0 - mean)
    digest = hashlib.sha256(f"{site} {day.isoformat()}".encode()).digest()
    uniform = int.from_bytes(digest[:4]) / 2**32
    return mean + spread * (2 * uniform - 1)


def _quarter(moment: datetime) -> int:
    return moment.hour * 4 + moment.minute // 15


def _mix_curve(country: str, kind: str, day: date, zone: tzinfo) -> list[tuple[datetime, int]]:
    row = _mix()[country, kind, day.month, "weekend" if day.weekday() >= 5 else "weekday"]
    return [(start, row[start.astimezone(zone).hour]) for start in slots(day, zone, HOUR)]


def read_rows(name: str) -> list[list[str]]:
    """The rows of a shipped CSV without its comment lines and head."""
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(line for line in file if not line.startswith("#")))[1:]


@cache
def _prices() -> dict[str, tuple[Decimal, ...]]:
    # EUR/MWh in the file
    return {row[0]: tuple(Decimal(value) / 1000 for value in row[1:]) for row in read_rows("prices_de_2018.csv")}


@cache
def _loads() -> dict[tuple[str, str, str], tuple[float, ...]]:
    rows = read_rows("load_profiles_bdew.csv")
    return {(row[0], row[1], row[2]): tuple(float(value) for value in row[3:]) for row in rows}


@cache
def _clear_sky() -> dict[tuple[str, int], tuple[float, ...]]:
    return {(row[0], int(row[1])): tuple(float(value) for value in row[2:]) for row in read_rows("pv_clear_sky.csv")}


@cache
def _cloudiness() -> dict[str, tuple[float, ...]]:
    return {row[0]: tuple(float(value) for value in row[1:]) for row in read_rows("pv_cloudiness.csv")}


@cache
def _mix() -> dict[tuple[str, str, int, str], tuple[int, ...]]:
    rows = read_rows("energy_mix_2018.csv")
    return {(row[0], row[1], int(row[2]), row[3]): tuple(int(value) for value in row[4:]) for row in rows}
