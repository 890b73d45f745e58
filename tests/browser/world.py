"""Rows for the stories in the browser: stations around the market of Steinheim, prices, a driver with a car."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from chargepoints.domain.quarters import QUARTER, quarter_start
from chargepoints.models import ChargePoint, Evse, Location, Operator, SupplyPoint
from smac.models import Series
from smac.services.prices import store_values
from tests import factories

LATITUDE, LONGITUDE = 51.8700, 9.0900
_DEGREES_A_KM_NORTH = 1 / 111.2
CAPACITY_WH = 50_000


def station(
    name: str,
    *,
    of: Operator | None = None,
    km_north: float = 0.0,
    price: str = "0.20",
    session_fee: str = "0.30",
    identity: str = "",
    follows_market: bool = False,
    capacity_w: int = 50_000,
    **values: Any,
) -> ChargePoint:
    """A public charge point that has never connected; ``price`` a kWh, on top of the market's if it follows that.

    ``capacity_w`` is what its grid connection bears.
    """
    tariff = factories.tariff(
        energy_price_per_kwh=Decimal(price), session_fee=Decimal(session_fee), follows_market=follows_market
    )
    latitude = LATITUDE + km_north * _DEGREES_A_KM_NORTH
    row = factories.charge_point(of, tariff=tariff, connected=False, identity=identity, **values)
    ChargePoint.objects.filter(pk=row.pk).update(latitude=latitude, longitude=LONGITUDE)
    Location.objects.filter(supply_points=row.supply_point_id).update(
        name=name, address="Marktstr. 1", latitude=latitude, longitude=LONGITUDE
    )
    SupplyPoint.objects.filter(pk=row.supply_point_id).update(contracted_capacity_w=capacity_w)
    Evse.objects.filter(charge_point=row).update(min_power_w=4_140)
    row.refresh_from_db()
    return row


def driver_with_car(name: str = "ann", **values: Any) -> Any:
    """A driver who has accepted the terms, with a Renault Zoe of 50 kWh."""
    person = factories.driver(name)
    factories.vehicle(person, battery_capacity_wh=CAPACITY_WH, **values)
    return person


def market_prices(values: Sequence[float], *, then: float) -> None:
    """Market prices in EUR per kWh, quarter by quarter from the running one on; ``then`` for two days."""
    _store(Series.objects.create(kind=Series.Kind.IMPORT_PRICE, zone="DE-LU"), values, then)


def production(point: ChargePoint, power_w: float) -> None:
    """Sun on the roof of a charge point's supply point, for two days."""
    forecast(point, Series.Kind.PRODUCTION, [], then=power_w)


def forecast(point: ChargePoint, kind: Series.Kind, values: Sequence[float], *, then: float) -> None:
    """A curve of a charge point's supply point, quarter by quarter from the running one on; ``then`` for two days."""
    _store(Series.objects.create(kind=kind, supply_point=point.supply_point), values, then)


def _store(series: Series, values: Sequence[float], then: float) -> None:
    first = quarter_start(timezone.now())
    known = [(first + QUARTER * index, value) for index, value in enumerate([*values, *[then] * 192])]
    store_values(series=series, values=known, known_at=first - timedelta(hours=1))
