"""A country full of stations: towns of some forty each, prices and forecasts, a third of all in use."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from chargepoints.domain.quarters import QUARTER, quarter_start

CENTRE = (51.2, 10.2)
# The land around the centre, in degrees: as large as Germany.
_HALF_LAT, _HALF_LON = 3.0, 3.6
_TOWN = 40
_TOWN_DEGREES = 0.05
# Whether all of them lie in one town's reach: the worst that a search can meet.
_DENSE_DEGREES = 0.2
_BATCH = 5_000


def build(stations: int, *, now: datetime, dense: bool = False) -> Any:
    """Rows of so many stations of two EVSEs each; a driver in the middle, with a car."""
    dice = random.Random(4711)
    spots = list(_dense_spots(stations, dice) if dense else _spots(stations, dice))
    _stations(spots, dice, now)
    _curves(now)
    return _driver(now)


def _spots(count: int, dice: random.Random) -> Iterator[tuple[float, float]]:
    towns = max(count // _TOWN, 1)
    middles = [CENTRE] + [
        (CENTRE[0] + dice.uniform(-_HALF_LAT, _HALF_LAT), CENTRE[1] + dice.uniform(-_HALF_LON, _HALF_LON))
        for _ in range(towns - 1)
    ]
    for number in range(count):
        lat, lon = middles[number % towns]
        yield dice.gauss(lat, _TOWN_DEGREES), dice.gauss(lon, _TOWN_DEGREES)


def _dense_spots(count: int, dice: random.Random) -> Iterator[tuple[float, float]]:
    for _ in range(count):
        yield (
            CENTRE[0] + dice.uniform(-_DENSE_DEGREES, _DENSE_DEGREES),
            CENTRE[1] + dice.uniform(-_DENSE_DEGREES, _DENSE_DEGREES),
        )


def _stations(spots: list[tuple[float, float]], dice: random.Random, now: datetime) -> None:
    from chargepoints.models import ChargePoint, Connector, Evse, Location, Operator, SupplyPoint, Transaction

    operator, tariffs = Operator.objects.create(name="Bench"), _tariffs()
    places = _all(
        Location,
        (
            Location(operator=operator, name=f"Station {n}", latitude=lat, longitude=lon)
            for n, (lat, lon) in enumerate(spots)
        ),
    )
    points = _all(
        SupplyPoint, (SupplyPoint(location=place, name="Grid", contracted_capacity_w=60_000) for place in places)
    )
    chargers = _all(
        ChargePoint,
        (
            ChargePoint(
                identity=f"B-{number:06d}", supply_point=point, tariff=dice.choice(tariffs),
                latitude=spots[number][0], longitude=spots[number][1],
                connection_key="link" if dice.random() < 0.97 else "", connected_at=now, last_heard_at=now,
            )
            for number, point in enumerate(points)
        ),
    )  # fmt: skip
    evses = _all(
        Evse,
        (
            Evse(charge_point=each, number=n, max_power_w=dice.choice((11_000, 22_000)))
            for each in chargers
            for n in (1, 2)
        ),
    )
    busy = [dice.random() < 0.33 for _ in evses]
    plugs = _all(
        Connector,
        (
            Connector(evse=evse, standard=_plug(dice), status="charging" if taken else "available", status_at=now)
            for evse, taken in zip(evses, busy, strict=True)
        ),
    )
    _all(
        Transaction,
        (
            Transaction(
                charge_point=evse.charge_point,
                evse=evse,
                connector=plug,
                remote_id=f"T{evse.pk}",
                started_at=now,
                meter_start_wh=0,
            )
            for evse, plug, taken in zip(evses, plugs, busy, strict=True)
            if taken
        ),
    )
    _production(dice.sample(points, len(points) // 20), now)


def _plug(dice: random.Random) -> str:
    return dice.choice(("IEC_62196_T2", "IEC_62196_T2", "IEC_62196_T2_COMBO", "CHADEMO"))


def _tariffs() -> list[Any]:
    from chargepoints.models import Tariff

    return [
        Tariff.objects.create(
            name=f"T{number}", energy_price_per_kwh=f"0.{20 + number}", follows_market=number % 2 == 0
        )
        for number in range(20)
    ]


def _all(model: Any, rows: Any) -> list[Any]:
    return list(model.objects.bulk_create(list(rows), batch_size=_BATCH))


def _curves(now: datetime) -> None:
    """The price zone's prices and mix, for two days."""
    from smac.models import Series, SeriesValue

    first = quarter_start(now) - timedelta(days=1)
    for kind, of_slot in (("import_price", lambda n: 0.1 + 0.004 * (n % 40)), ("co2", lambda n: 300.0 + n % 96)):
        series = Series.objects.create(kind=kind, zone="DE-LU")
        SeriesValue.objects.bulk_create(
            SeriesValue(series=series, starts_at=first + n * QUARTER, value=of_slot(n), known_at=first)
            for n in range(288)
        )


def _production(points: list[Any], now: datetime) -> None:
    """Sun on every twentieth roof, by the hour."""
    from smac.models import Series, SeriesValue

    first = quarter_start(now) - timedelta(days=1)
    series = _all(Series, (Series(kind="production", supply_point=point) for point in points))
    hours = (
        SeriesValue(
            series=one,
            starts_at=first + hour * timedelta(hours=1),
            duration_s=3600,
            value=500.0 * (hour % 24),
            known_at=first,
        )
        for one in series
        for hour in range(48)
    )
    SeriesValue.objects.bulk_create(hours, batch_size=_BATCH)


def _driver(now: datetime) -> Any:
    from drivers.models import TermsAcceptance, Vehicle
    from drivers.services import terms
    from twinev.identity.models import User

    driver = User.objects.create(username="bench", email_confirmed_at=now)
    TermsAcceptance.objects.create(driver=driver, version=terms.CURRENT_VERSION, accepted_at=now)
    Vehicle.objects.create(
        owner=driver, plate="HX-E 1", brand="Renault", model="Zoe", battery_capacity_wh=52_000, max_charge_w=22_000
    )
    return driver
