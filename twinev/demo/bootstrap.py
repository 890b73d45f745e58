"""The district's records made into rows: once, on an empty database."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction

from chargepoints.models import (
    ChargePoint,
    ChargePointGroup,
    Connector,
    Evse,
    Location,
    Operator,
    OperatorStaff,
    SupplyPoint,
    Tariff,
)
from chargepoints.services import provisioning, security
from chargepoints.services.authorization import register_token
from drivers.models import Vehicle, VehicleBooking
from drivers.services import terms
from gridops.models import GridOperator
from twinev.demo.people import DEMO_PASSWORD, SHARED_CAR
from twinev.demo.specs import (
    ChargePointSpec,
    District,
    GroupSpec,
    LocationSpec,
    Role,
    SupplyPointSpec,
    UserSpec,
    VehicleSpec,
)
from twinev.identity.models import User

# The shared car is lent to the person that a visitor plays, for as long as a look around may take.
LOAN = timedelta(hours=12)


def is_empty() -> bool:
    """Whether the district has not been built yet."""
    return not Operator.objects.exists()


@transaction.atomic
def build(district: District, *, now: datetime) -> dict[str, str]:
    """Build every row of the district; the chargers' secrets by identity, which are known only here and now."""
    password = make_password(DEMO_PASSWORD)  # once: a password hash is slow by design, and all logins share it
    users = {spec.username: _user(spec, password, now) for spec in district.users}
    operators = {spec.name: Operator.objects.create(name=spec.name) for spec in district.operators}
    tariffs = _tariffs(district, operators)
    groups = _groups(district.groups, None)
    charger_secrets: dict[str, str] = {}
    for location in district.locations:
        charger_secrets |= _location(location, operators, users, tariffs, groups)
    for spec in district.users:
        _roles(spec, users[spec.username], operators, groups)
    lend_shared_car(now=now)
    return charger_secrets


def _user(spec: UserSpec, password: str, now: datetime) -> User:
    user = User.objects.create(
        username=spec.username,
        email=spec.email,
        # Only people whom a visitor may play can log in; the others are played by the demo itself.
        password=make_password(None) if spec.is_simulated else password,
        first_name=spec.first_name,
        last_name=spec.last_name,
        language=spec.language,
        email_confirmed_at=now,
    )
    if spec.role is Role.DRIVER:
        terms.accept(driver=user, now=now)
        register_token(token=spec.id_token, driver=user)
        for vehicle in spec.vehicles:
            _vehicle(vehicle, user)
    return user


def _vehicle(spec: VehicleSpec, owner: User) -> Vehicle:
    facts = spec.facts
    return Vehicle.objects.create(
        owner=owner,
        plate=spec.plate,
        brand=spec.brand,
        model=spec.model,
        connector_standard=spec.connector_standard,
        battery_capacity_wh=facts.battery_capacity_wh,
        min_charge_w=facts.min_charge_w,
        max_charge_w=facts.max_charge_w(spec.connector_standard),
        max_discharge_w=spec.v2g_power_w,
        consumption_wh_per_km=facts.consumption_wh_per_km,
        v2g=spec.v2g_power_w > 0,
        is_shared=spec.is_shared,
    )


def lend_shared_car(*, now: datetime) -> None:
    """Make sure that the demo's driver has the shared car at hand."""
    car = Vehicle.objects.filter(plate=SHARED_CAR.plate).first()
    driver = User.objects.filter(username="demo").first()
    if car is None or driver is None:
        return
    held = car.bookings.filter(cancelled_at=None, ends_at__gt=now).order_by("starts_at")
    later = held.filter(starts_at__gt=now).first()
    until = min(now + LOAN, later.starts_at) if later else now + LOAN
    if running := held.filter(starts_at__lte=now).first():
        VehicleBooking.objects.filter(pk=running.pk, driver=driver).update(ends_at=max(running.ends_at, until))
    else:
        VehicleBooking.objects.create(vehicle=car, driver=driver, starts_at=now, ends_at=until)


def _tariffs(district: District, operators: dict[str, Operator]) -> dict[str, Tariff]:
    return {
        spec.name: Tariff.objects.create(
            operator=operators.get(spec.operator or ""),
            name=spec.name,
            currency=spec.currency,
            follows_market=spec.follows_market,
            energy_price_per_kwh=spec.energy_price_per_kwh,
            export_price_per_kwh=spec.export_price_per_kwh,
            session_fee=spec.session_fee,
            pickup_grace_minutes=spec.pickup_grace_minutes,
            penalty_per_minute=spec.penalty_per_minute,
        )
        for spec in district.tariffs
    }


def _groups(spec: GroupSpec, parent: ChargePointGroup | None) -> dict[str, ChargePointGroup]:
    node = ChargePointGroup.objects.create(name=spec.name, parent=parent)
    found = {spec.name: node}
    for child in spec.children:
        found |= _groups(child, node)
    return found


def _location(
    spec: LocationSpec,
    operators: dict[str, Operator],
    users: dict[str, User],
    tariffs: dict[str, Tariff],
    groups: dict[str, ChargePointGroup],
) -> dict[str, str]:
    location = Location.objects.create(
        operator=operators.get(spec.operator or ""),
        owner=users.get(spec.owner or ""),
        name=spec.name,
        address=spec.address,
        postal_code=spec.postal_code,
        city=spec.city,
        country=spec.country,
        latitude=spec.latitude,
        longitude=spec.longitude,
        time_zone=spec.time_zone,
        is_public=spec.is_public,
    )
    found: dict[str, str] = {}
    for supply_spec in spec.supply_points:
        supply_point = _supply_point(supply_spec, location)
        for point in supply_spec.charge_points:
            found[point.identity] = _charge_point(point, supply_point, tariffs[point.tariff], groups[point.group])
    return found


def _supply_point(spec: SupplyPointSpec, location: Location) -> SupplyPoint:
    return SupplyPoint.objects.create(
        location=location,
        name=spec.name,
        contracted_capacity_w=spec.contracted_capacity_w,
        injection_limit_w=spec.injection_limit_w,
        storage_capacity_wh=spec.storage_capacity_wh,
        storage_power_w=spec.storage_power_w,
        opportunity_cost_per_h=spec.opportunity_cost_per_h,
        price_zone=spec.price_zone,
    )


def _charge_point(spec: ChargePointSpec, supply_point: SupplyPoint, tariff: Tariff, group: ChargePointGroup) -> str:
    row, secret = provisioning.register_charge_point(
        identity=spec.identity,
        supply_point=supply_point,
        latitude=spec.latitude,
        longitude=spec.longitude,
        evses=[],
        tariff=tariff,
        default_limit_w=spec.default_limit_w,
        heartbeat_interval_s=60,
        secret=secrets.token_hex(security.SECRET_BYTES),
    )
    for evse in spec.evses:
        made = Evse.objects.create(
            charge_point=row,
            number=evse.number,
            max_power_w=evse.max_power_w,
            min_power_w=evse.min_power_w,
            max_discharge_w=evse.max_discharge_w,
            phases=evse.phases,
        )
        for number, standard in enumerate(evse.connectors, start=1):
            Connector.objects.create(evse=made, number=number, standard=standard)
    ChargePoint.objects.filter(pk=row.pk).update(ocpp_version=spec.ocpp_version)
    group.charge_points.add(row)
    return secret


def _roles(spec: UserSpec, user: User, operators: dict[str, Operator], groups: dict[str, ChargePointGroup]) -> None:
    if spec.role is Role.STAFF and spec.operator:
        OperatorStaff.objects.create(user=user, operator=operators[spec.operator])
    if spec.role in (Role.GRID_OPERATOR, Role.GRID_ADMINISTRATOR):
        profile = GridOperator.objects.create(user=user, is_administrator=spec.role is Role.GRID_ADMINISTRATOR)
        profile.groups.set([groups[name] for name in spec.groups])
