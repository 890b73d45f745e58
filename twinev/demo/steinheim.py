"""The German pilot: the village of Hagedorn, its shared V2G car, and the public stations of Steinheim around it.

Positions are plausible, not surveyed; the stations do not exist.
"""

from __future__ import annotations

from decimal import Decimal

from twinev.demo.hardware import fast_50, post_11, post_22, v2g_10, wallbox
from twinev.demo.specs import OCPP_16, OCPP_201, ChargePointSpec, GroupSpec, LocationSpec, SupplyPointSpec, TariffSpec

OPERATOR = "Hagedorn Energie"
TIME_ZONE = "Europe/Berlin"
PRICE_ZONE = "DE-LU"
SITE = "steinheim"

VILLAGE = "Hagedorn village"
TOWN = "Hagedorn Energie AC"
FAST = "Hagedorn Energie DC"
HOME = "Home Germany"

FEEDER_1 = "Hagedorn feeder 1"
FEEDER_2 = "Hagedorn feeder 2"
STEINHEIM = "Steinheim town"

HOUSES = 38
KWH_PER_HOUSE = 3_900

TARIFFS = (
    TariffSpec(
        VILLAGE, OPERATOR, Decimal("0.1650"), export_price_per_kwh=Decimal("0.1800"), penalty_per_minute=Decimal("0.05")
    ),
    TariffSpec(TOWN, OPERATOR, Decimal("0.2450"), session_fee=Decimal("0.35"), penalty_per_minute=Decimal("0.10")),
    TariffSpec(FAST, OPERATOR, Decimal("0.3650"), pickup_grace_minutes=10, penalty_per_minute=Decimal("0.25")),
    TariffSpec(HOME, None, Decimal("0.2150"), pickup_grace_minutes=0),
)

GROUPS = GroupSpec("Germany", (GroupSpec(FEEDER_1), GroupSpec(FEEDER_2), GroupSpec(STEINHEIM)))


def _place(name: str, address: str, supply_point: SupplyPointSpec) -> LocationSpec:
    point = supply_point.charge_points[0]
    return LocationSpec(
        name=name,
        address=address,
        postal_code="32839",
        city="Steinheim",
        country="DE",
        latitude=point.latitude,
        longitude=point.longitude,
        time_zone=TIME_ZONE,
        supply_points=(supply_point,),
        operator=OPERATOR,
    )


def _supply(
    name: str, capacity_w: int, annual_kwh: int, pv_kwp: float, *charge_points: ChargePointSpec
) -> SupplyPointSpec:
    """A business connection with its own roof."""
    return SupplyPointSpec(
        name=name,
        contracted_capacity_w=capacity_w,
        injection_limit_w=round(pv_kwp * 1000),
        price_zone=PRICE_ZONE,
        demand_profile="g0",
        annual_kwh=annual_kwh,
        pv_site=SITE,
        pv_kwp=pv_kwp,
        charge_points=charge_points,
        opportunity_cost_per_h=Decimal("0.0200"),
    )


def _home(owner: str, name: str, address: str, annual_kwh: int, pv_kwp: float, point: ChargePointSpec) -> LocationSpec:
    """A house with its wallbox on the house's own connection: 3 x 35 A."""
    supply_point = SupplyPointSpec(
        name=name,
        contracted_capacity_w=24_000,
        injection_limit_w=round(pv_kwp * 1000),
        price_zone=PRICE_ZONE,
        demand_profile="h0",
        annual_kwh=annual_kwh,
        pv_site=SITE,
        pv_kwp=pv_kwp,
        charge_points=(point,),
    )
    return LocationSpec(
        name=name,
        address=address,
        postal_code="32839",
        city="Steinheim",
        country="DE",
        latitude=point.latitude,
        longitude=point.longitude,
        time_zone=TIME_ZONE,
        supply_points=(supply_point,),
        owner=owner,
    )


# The village's common connection: 38 houses, their roofs and a battery behind one limit, as the pilot had it.
VILLAGE_SUPPLY = SupplyPointSpec(
    name="Hagedorn local network station 1",
    contracted_capacity_w=100_000,
    injection_limit_w=80_000,
    price_zone=PRICE_ZONE,
    demand_profile="h0",
    annual_kwh=HOUSES * KWH_PER_HOUSE,
    pv_site=SITE,
    pv_kwp=120.0,
    charge_points=(v2g_10("HAG-V2G-01", 51.86902, 9.16798, VILLAGE, FEEDER_1),),
    storage_capacity_wh=60_000,
    storage_power_w=20_000,
)

LOCATIONS = (
    _place("Hagedorn village green", "Hagedorn 12", VILLAGE_SUPPLY),
    _home(
        "demo",
        "Home, Hagedorn 7",
        "Hagedorn 7",
        4_200,
        9.8,
        wallbox("HAG-HOME-07", 11_000, 3, 51.86980, 9.16670, HOME, FEEDER_1),
    ),
    _home(
        "lukas.meier",
        "Home, Hagedorn 19",
        "Hagedorn 19",
        5_100,
        7.4,
        wallbox("HAG-HOME-19", 11_000, 3, 51.86825, 9.16955, HOME, FEEDER_1),
    ),
    _home(
        "petra.wolff",
        "Home, Hagedorn 23",
        "Hagedorn 23",
        3_600,
        5.6,
        wallbox("HAG-HOME-23", 7_400, 1, 51.86758, 9.16712, HOME, FEEDER_2),
    ),
    _home(
        "jonas.klein",
        "Home, Hagedorn 31",
        "Hagedorn 31",
        4_600,
        12.0,
        wallbox("HAG-HOME-31", 22_000, 3, 51.86705, 9.16530, HOME, FEEDER_2),
    ),
    _place(
        "Steinheim town hall",
        "Marktstraße 2",
        _supply(
            "Town hall",
            60_000,
            48_000,
            22.0,
            post_22("STM-RAT-01", OCPP_201, 51.86607, 9.09475, TOWN, STEINHEIM),
            post_11("STM-RAT-02", OCPP_16, 51.86592, 9.09441, TOWN, STEINHEIM),
        ),
    ),
    _place(
        "Steinheim railway station",
        "Bahnhofstraße 30",
        _supply(
            "Railway station car park",
            50_000,
            18_000,
            30.0,
            post_22("STM-BHF-01", OCPP_16, 51.86920, 9.10395, TOWN, STEINHEIM),
            post_22("STM-BHF-02", OCPP_201, 51.86938, 9.10428, TOWN, STEINHEIM),
        ),
    ),
    _place(
        "Detmolder Straße market",
        "Detmolder Straße 45",
        _supply(
            "Supermarket",
            150_000,
            210_000,
            90.0,
            fast_50("STM-DET-01", OCPP_201, 51.86985, 9.08520, FAST, STEINHEIM),
            post_22("STM-DET-02", OCPP_16, 51.86972, 9.08497, TOWN, STEINHEIM),
        ),
    ),
    _place(
        "Steinheim swimming pool",
        "Schiederstraße 20",
        _supply(
            "Swimming pool", 70_000, 95_000, 40.0, post_11("STM-BAD-01", OCPP_201, 51.87385, 9.09890, TOWN, STEINHEIM)
        ),
    ),
)
