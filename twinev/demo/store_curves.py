"""The shipped curves, stored as series for the days around today."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from chargepoints.models import SupplyPoint
from smac.models import Series
from smac.services.series import store_values
from twinev.demo import curves
from twinev.demo.specs import District, LocationSpec, SupplyPointSpec

# What people read wherever a curve is shown: these are true curves of other days.
PRICE_SOURCE = "SMARD.de, Bundesnetzagentur, CC BY 4.0: day-ahead prices of 2018, same week and weekday"
DEMAND_SOURCE = "BDEW standard load profile, same season and day type"
PRODUCTION_SOURCE = "pvlib clear sky of the month with a drawn cloudiness"
MIX_SOURCE = "National mix of 2018, mean of the month's weekdays or weekends"
COUNTRY_OF_ZONE = {"DE-LU": "DE", "GR": "GR"}
ZONE_CLOCK = {"DE-LU": ZoneInfo("Europe/Berlin"), "GR": ZoneInfo("Europe/Athens")}
# Steinheim's roofs are paid what the market pays, less what the trader keeps.
EXPORT_SHARE = 0.8
KEPT_DAYS_BACK = 15
DAYS_AHEAD = 2


def store(district: District, *, now: datetime, days_back: int) -> None:
    """Store prices, mix, load and sun from ``days_back`` days ago to the day after tomorrow; repeating changes nothing.

    A day's curves count as known since the noon before, as day-ahead prices are.
    """
    days = [now.date() + timedelta(days=offset) for offset in range(-days_back, DAYS_AHEAD + 1)]
    for zone in sorted({supply.price_zone for location in district.locations for supply in location.supply_points}):
        for day in days:
            _store_zone(zone, day, now)
    rows = {supply_point.name: supply_point for supply_point in SupplyPoint.objects.select_related("location")}
    recent = [day for day in days if day >= now.date() - timedelta(days=1)]
    for location in district.locations:
        for supply in location.supply_points:
            for day in recent:
                _store_supply_point(location, supply, rows[supply.name], day, now)


def _known_at(day: date, now: datetime) -> datetime:
    noon_before = datetime(day.year, day.month, day.day, 12, tzinfo=now.tzinfo) - timedelta(days=1)
    return min(noon_before, now.replace(minute=0, second=0, microsecond=0))


def _store_zone(zone: str, day: date, now: datetime) -> None:
    clock = ZONE_CLOCK[zone]
    prices = [(start, float(price)) for start, price in curves.price_curve(day, clock)]
    mix = [(start, float(grams)) for start, grams in curves.co2_curve(COUNTRY_OF_ZONE[zone], day, clock)]
    exports = [(start, max(price, 0.0) * EXPORT_SHARE) for start, price in prices]
    for kind, source, values in (
        (Series.Kind.IMPORT_PRICE, PRICE_SOURCE, prices),
        (Series.Kind.EXPORT_PRICE, PRICE_SOURCE, exports),
        (Series.Kind.CO2, MIX_SOURCE, mix),
    ):
        series, _ = Series.objects.get_or_create(kind=kind, zone=zone, supply_point=None, defaults={"source": source})
        _store_once(series, values, _known_at(day, now), 3600)


def _store_supply_point(
    location: LocationSpec, supply: SupplyPointSpec, row: SupplyPoint, day: date, now: datetime
) -> None:
    demand = curves.demand_curve(supply.demand_profile, supply.annual_kwh, day, location.zone)
    production = curves.production_curve(supply.pv_site, supply.pv_kwp, day, location.zone)
    for kind, source, values in (
        (Series.Kind.DEMAND, DEMAND_SOURCE, demand),
        (Series.Kind.PRODUCTION, PRODUCTION_SOURCE, production),
    ):
        series, _ = Series.objects.get_or_create(kind=kind, zone="", supply_point=row, defaults={"source": source})
        _store_once(series, [(start, float(watts)) for start, watts in values], _known_at(day, now), 900)


def _store_once(series: Series, values: list[tuple[datetime, float]], known_at: datetime, duration_s: int) -> None:
    if not series.values.filter(starts_at=values[0][0]).exists():
        store_values(series=series, values=values, known_at=known_at, duration_s=duration_s)
