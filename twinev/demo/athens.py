"""The Greek pilot: public and home charge points in the centre of Athens, without V2G.

Positions are plausible, not surveyed; the stations do not exist.
"""

from __future__ import annotations

from decimal import Decimal

from twinev.demo.hardware import fast_50, post_11, post_22, wallbox
from twinev.demo.specs import OCPP_16, OCPP_201, ChargePointSpec, GroupSpec, LocationSpec, SupplyPointSpec, TariffSpec

OPERATOR = "Attica Charge"
TIME_ZONE = "Europe/Athens"
PRICE_ZONE = "GR"
SITE = "athens"

CITY = "Attica Charge AC"
FAST = "Attica Charge DC"
HOME = "Home Greece"

PLAKA = "Plaka"
KYPSELI = "Kypseli"
SOUTH = "Koukaki and Gazi"
EAST = "Pangrati and Ampelokipoi"

TARIFFS = (
    TariffSpec(CITY, OPERATOR, Decimal("0.2250"), session_fee=Decimal("0.30"), penalty_per_minute=Decimal("0.08")),
    TariffSpec(FAST, OPERATOR, Decimal("0.3450"), pickup_grace_minutes=10, penalty_per_minute=Decimal("0.20")),
    TariffSpec(HOME, None, Decimal("0.1250"), pickup_grace_minutes=0),
)

GROUPS = GroupSpec(
    "Greece", (GroupSpec("Athens", (GroupSpec(PLAKA), GroupSpec(KYPSELI), GroupSpec(SOUTH), GroupSpec(EAST))),)
)


def _location(
    name: str, address: str, postal_code: str, supply_point: SupplyPointSpec, owner: str | None
) -> LocationSpec:
    point = supply_point.charge_points[0]
    return LocationSpec(
        name=name,
        address=address,
        postal_code=postal_code,
        city="Athens",
        country="GR",
        latitude=point.latitude,
        longitude=point.longitude,
        time_zone=TIME_ZONE,
        supply_points=(supply_point,),
        operator=None if owner else OPERATOR,
        owner=owner,
    )


def _public(
    name: str,
    address: str,
    postal_code: str,
    capacity_w: int,
    annual_kwh: int,
    pv_kwp: float,
    *charge_points: ChargePointSpec,
) -> LocationSpec:
    supply_point = SupplyPointSpec(
        name=name,
        contracted_capacity_w=capacity_w,
        injection_limit_w=round(pv_kwp * 1000),
        price_zone=PRICE_ZONE,
        demand_profile="g0",
        annual_kwh=annual_kwh,
        pv_site=SITE,
        pv_kwp=pv_kwp,
        charge_points=charge_points,
        opportunity_cost_per_h=Decimal("0.0300"),
    )
    return _location(name, address, postal_code, supply_point, None)


def _home(
    owner: str, name: str, address: str, postal_code: str, annual_kwh: int, pv_kwp: float, point: ChargePointSpec
) -> LocationSpec:
    """A home on a three-phase connection of 3 x 25 A."""
    supply_point = SupplyPointSpec(
        name=name,
        contracted_capacity_w=17_000,
        injection_limit_w=round(pv_kwp * 1000),
        price_zone=PRICE_ZONE,
        demand_profile="h0",
        annual_kwh=annual_kwh,
        pv_site=SITE,
        pv_kwp=pv_kwp,
        charge_points=(point,),
    )
    return _location(name, address, postal_code, supply_point, owner)


LOCATIONS = (
    _public(
        "Syntagma car park",
        "Nikis 30",
        "10557",
        80_000,
        120_000,
        15.0,
        post_22("ATH-PLK-01", OCPP_201, 37.97385, 23.73335, CITY, PLAKA),
        post_22("ATH-PLK-02", OCPP_16, 37.97362, 23.73318, CITY, PLAKA),
    ),
    _public(
        "Amalias Avenue",
        "Leoforos Amalias 38",
        "10558",
        44_000,
        30_000,
        0.0,
        post_11("ATH-PLK-03", OCPP_16, 37.97095, 23.73178, CITY, PLAKA),
    ),
    _public(
        "Fokionos Negri",
        "Fokionos Negri 42",
        "11361",
        60_000,
        65_000,
        12.0,
        post_22("ATH-KYP-01", OCPP_201, 37.99975, 23.73870, CITY, KYPSELI),
    ),
    _public(
        "Kypseli municipal market",
        "Kypselis 31",
        "11361",
        50_000,
        54_000,
        25.0,
        post_11("ATH-KYP-02", OCPP_16, 37.99735, 23.73905, CITY, KYPSELI),
    ),
    _public(
        "Koukaki",
        "Veikou 58",
        "11741",
        40_000,
        38_000,
        8.0,
        post_22("ATH-KOU-01", OCPP_201, 37.96405, 23.72445, CITY, SOUTH),
    ),
    _public(
        "Gazi, Pireos Street",
        "Pireos 100",
        "11854",
        160_000,
        180_000,
        60.0,
        fast_50("ATH-GAZ-01", OCPP_201, 37.97790, 23.71360, FAST, SOUTH),
        post_22("ATH-GAZ-02", OCPP_16, 37.97768, 23.71335, CITY, SOUTH),
    ),
    _public(
        "Concert hall car park",
        "Vasilissis Sofias 89",
        "11521",
        90_000,
        140_000,
        20.0,
        post_22("ATH-AMP-01", OCPP_201, 37.97915, 23.75335, CITY, EAST),
    ),
    _public(
        "Pangrati square",
        "Ymittou 70",
        "11634",
        40_000,
        36_000,
        6.0,
        post_11("ATH-PAG-01", OCPP_16, 37.96790, 23.74610, CITY, EAST),
    ),
    _home(
        "maria.papadaki",
        "Home, Agias Zonis 18",
        "Agias Zonis 18",
        "11361",
        3_800,
        4.5,
        wallbox("ATH-HOME-18", 7_400, 1, 38.00210, 23.73720, HOME, KYPSELI),
    ),
    _home(
        "nikos.georgiou",
        "Home, Sporadon 12",
        "Sporadon 12",
        "11361",
        4_400,
        0.0,
        wallbox("ATH-HOME-12", 11_000, 3, 38.00065, 23.74095, HOME, KYPSELI),
    ),
    _home(
        "eleni.vasiliou",
        "Home, Spyrou Merkouri 30",
        "Spyrou Merkouri 30",
        "11634",
        3_300,
        5.0,
        wallbox("ATH-HOME-30", 7_400, 1, 37.97195, 23.74945, HOME, EAST),
    ),
)
