"""The shapes in which the demo's district is told. Records only: what makes rows of them is elsewhere.

Field names are those of the models. Power W, energy Wh, annual demand kWh, PV kWp, money per kWh or per minute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from twinev.demo.catalogue import VehicleModel, find

OCPP_16 = "1.6"
OCPP_201 = "2.0.1"

# OCPI 2.2.1 connector standards
TYPE2 = "IEC_62196_T2"
CCS = "IEC_62196_T2_COMBO"
CHADEMO = "CHADEMO"


class Role(StrEnum):
    DRIVER = "driver"
    GRID_OPERATOR = "grid_operator"
    GRID_ADMINISTRATOR = "grid_administrator"
    STAFF = "staff"


@dataclass(frozen=True)
class OperatorSpec:
    name: str


@dataclass(frozen=True)
class TariffSpec:
    """With `follows_market` the energy price comes on top of the market's price of the hour."""

    name: str
    operator: str | None
    energy_price_per_kwh: Decimal
    follows_market: bool = True
    export_price_per_kwh: Decimal = Decimal("0")
    session_fee: Decimal = Decimal("0")
    pickup_grace_minutes: int = 15
    penalty_per_minute: Decimal = Decimal("0")
    currency: str = "EUR"


@dataclass(frozen=True)
class EvseSpec:
    """One place to charge. `connectors` are alternatives: one vehicle at a time."""

    number: int
    max_power_w: int
    min_power_w: int
    phases: int
    connectors: tuple[str, ...]
    max_discharge_w: int = 0


@dataclass(frozen=True)
class ChargePointSpec:
    identity: str
    ocpp_version: str
    vendor: str
    model: str
    latitude: float
    longitude: float
    tariff: str
    group: str
    evses: tuple[EvseSpec, ...]
    default_limit_w: int = 4200


@dataclass(frozen=True)
class SupplyPointSpec:
    """A grid connection: what it may draw and feed, and what else hangs on it."""

    name: str
    contracted_capacity_w: int
    injection_limit_w: int
    price_zone: str
    demand_profile: str
    annual_kwh: int
    pv_site: str
    pv_kwp: float
    charge_points: tuple[ChargePointSpec, ...]
    storage_capacity_wh: int = 0
    storage_power_w: int = 0
    opportunity_cost_per_h: Decimal = Decimal("0")


@dataclass(frozen=True)
class LocationSpec:
    """A place of an `operator` or, for a home, of its `owner` (a user name): one of the two is set."""

    name: str
    address: str
    postal_code: str
    city: str
    country: str
    latitude: float
    longitude: float
    time_zone: str
    supply_points: tuple[SupplyPointSpec, ...]
    operator: str | None = None
    owner: str | None = None

    @property
    def is_public(self) -> bool:
        return self.owner is None

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True)
class GroupSpec:
    """A node of the tree; charge points name the leaf that they belong to."""

    name: str
    children: tuple[GroupSpec, ...] = ()

    def walk(self) -> Iterator[GroupSpec]:
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class VehicleSpec:
    plate: str
    brand: str
    model: str
    is_shared: bool = False
    v2g_power_w: int = 0

    @property
    def facts(self) -> VehicleModel:
        return find(self.brand, self.model)

    @property
    def connector_standard(self) -> str:
        """The plug that a driver would name: the DC one where it is the car's only way to give energy back, AC else."""
        return self.facts.plug_dc if self.v2g_power_w else self.facts.plug_ac


@dataclass(frozen=True)
class UserSpec:
    """A login. `groups` for grid operators, `operator` for staff, vehicles and `id_token` for drivers."""

    username: str
    first_name: str
    last_name: str
    email: str
    role: Role
    language: str
    country: str
    id_token: str = ""
    vehicles: tuple[VehicleSpec, ...] = ()
    operator: str | None = None
    groups: tuple[str, ...] = ()
    is_simulated: bool = False


@dataclass(frozen=True)
class District:
    operators: tuple[OperatorSpec, ...]
    tariffs: tuple[TariffSpec, ...]
    groups: GroupSpec
    locations: tuple[LocationSpec, ...]
    users: tuple[UserSpec, ...]

    def charge_points(self) -> Iterator[tuple[LocationSpec, SupplyPointSpec, ChargePointSpec]]:
        """Every charge point with its place and grid connection."""
        for location in self.locations:
            for supply_point in location.supply_points:
                for charge_point in supply_point.charge_points:
                    yield location, supply_point, charge_point

    def user(self, username: str) -> UserSpec:
        return next(user for user in self.users if user.username == username)

    def simulated_drivers(self) -> tuple[UserSpec, ...]:
        """Drivers whose coming and going the demo plays; the others are for the people who look at it."""
        return tuple(user for user in self.users if user.is_simulated)
