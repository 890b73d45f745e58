"""Charge points of one's own: they need no reservation, and nobody else sees or uses them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, QuerySet
from django.utils.translation import gettext_lazy as _

from chargepoints import calls
from chargepoints.domain.errors import Refused
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, Connector, Evse, Location, RefusedCharger, SupplyPoint
from chargepoints.services import provisioning, security
from chargepoints.services.provisioning import EvseSpec
from drivers.models import HomeCharger
from drivers.services.vehicles import OPEN_STATES

_MOST = 10
# Less than 6 A no car takes (IEC 61851-1), at 230 V; up to 4.6 kW (20 A) homes use one phase.
_LEAST_PHASE_W = 1_380
_ONE_PHASE_W = 4_600
# Zone of prices (ENTSO-E) and of time by country; where the district's own prices are known.
COUNTRIES = {
    "DE": ("DE-LU", "Europe/Berlin"),
    "LU": ("DE-LU", "Europe/Luxembourg"),
    "GR": ("GR", "Europe/Athens"),
    "ES": ("ES", "Europe/Madrid"),
    "AT": ("AT", "Europe/Vienna"),
    "CH": ("CH", "Europe/Zurich"),
    "CY": ("CY", "Asia/Nicosia"),
    "FR": ("FR", "Europe/Paris"),
    "NL": ("NL", "Europe/Amsterdam"),
    "BE": ("BE", "Europe/Brussels"),
    "PL": ("PL", "Europe/Warsaw"),
    "PT": ("PT", "Europe/Lisbon"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A postal address and its point on the map. ``country``: ISO 3166-1, one of COUNTRIES."""

    address: str
    postal_code: str
    city: str
    country: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Description:
    """What an owner says of a charger; ``connection_w``: what the home's grid connection bears."""

    identity: str
    place: Place
    standard: str
    min_power_w: int
    max_power_w: int
    connection_w: int
    can_defer: bool
    can_pause: bool
    can_limit: bool
    ocpp_version: str
    remote_address: str
    heartbeat_interval_s: int


def evses(driver: Any) -> QuerySet[Evse]:
    """The EVSEs at the driver's own places."""
    return (
        Evse.objects.filter(charge_point__in=points(driver))
        .select_related("charge_point__supply_point__location", "charge_point__tariff")
        .prefetch_related("connectors")
        .order_by("charge_point__identity", "number")
    )


def points(driver: Any) -> QuerySet[ChargePoint]:
    """The driver's own charge points, without those that were removed."""
    return (
        ChargePoint.objects.filter(supply_point__location__owner=driver)
        .exclude(home_charger__removed_at__isnull=False)
        .select_related("supply_point__location", "home_charger")
        .prefetch_related("evses__connectors")
        .order_by("identity")
    )


@transaction.atomic
def add(*, driver: Any, wish: Description) -> tuple[ChargePoint, str]:
    """Registers a charger of the driver; the password that it connects with is told this once.

    :raises Refused: the identifier is taken, or the driver has very many already.
    """
    if points(driver).count() >= _MOST:
        raise Refused(_("You have ten charge points already. Remove one first."))
    _check_free(wish.identity)
    supply_point = _supply_point(driver, wish)
    spec = EvseSpec(
        number=1,
        max_power_w=wish.max_power_w,
        min_power_w=wish.min_power_w,
        standard=wish.standard,
        phases=_phases(wish),
    )
    try:
        with transaction.atomic():
            point, secret = provisioning.register_charge_point(
                identity=wish.identity,
                supply_point=supply_point,
                latitude=wish.place.latitude,
                longitude=wish.place.longitude,
                evses=[spec],
                default_limit_w=min(4_200, wish.max_power_w),
                heartbeat_interval_s=wish.heartbeat_interval_s,
            )
    except IntegrityError:
        raise _taken() from None
    HomeCharger.objects.create(charge_point=point, ocpp_version=wish.ocpp_version, remote_address=wish.remote_address)
    ChargePoint.objects.filter(pk=point.pk).update(**_abilities(wish))
    security.forget_refusals(identity=point.identity)
    return point, secret


@transaction.atomic
def change(*, driver: Any, point: ChargePoint, wish: Description) -> None:
    """Keeps what the owner says now. The identifier stays: the charger introduces itself by it."""
    left = point.supply_point
    ChargePoint.objects.filter(pk=point.pk).update(
        supply_point=_supply_point(driver, wish),
        latitude=wish.place.latitude,
        longitude=wish.place.longitude,
        heartbeat_interval_s=wish.heartbeat_interval_s,
        **_abilities(wish),
    )
    point.evses.update(max_power_w=wish.max_power_w, min_power_w=wish.min_power_w, phases=_phases(wish))
    Connector.objects.filter(evse__charge_point=point).update(standard=wish.standard)
    HomeCharger.objects.update_or_create(
        charge_point=point, defaults={"ocpp_version": wish.ocpp_version, "remote_address": wish.remote_address}
    )
    _forget_if_empty(left)


@transaction.atomic
def remove(*, point: ChargePoint, now: datetime) -> None:
    """Takes a charger off the list; its identifier is free again, and it cannot connect any more.

    Where something was charged there, the row stays for the receipts, without a name and a password.

    :raises Refused: a session is under way.
    """
    sessions = Evse.objects.filter(charge_point=point, charge_sessions__state__in=OPEN_STATES)
    if sessions.exists() or point.transactions.filter(state=TransactionState.ACTIVE).exists():
        raise Refused(_("Somebody is charging there. End the session first."))
    calls.tell_replaced(point.pk, "removed")
    supply_point = point.supply_point
    try:
        with transaction.atomic():
            point.delete()
        _forget_if_empty(supply_point)
    except ProtectedError:
        HomeCharger.objects.update_or_create(charge_point=point, defaults={"removed_at": now, "remote_address": ""})
        nameless = {"identity": f"removed-{point.pk}", "secret_hash": "", "pending_secret_hash": ""}
        ChargePoint.objects.filter(pk=point.pk).update(
            security_profile=ChargePoint.SecurityProfile.BASIC, connection_key="", **nameless
        )


def new_password(*, point: ChargePoint, now: datetime) -> str:
    """A password to type into the charger, told once; the old one is worth nothing from now on."""
    security.forget_refusals(identity=point.identity)
    return security.replace_secret(charge_point=point, now=now)


def refusals(point: ChargePoint) -> QuerySet[RefusedCharger]:
    """When a charger of this name was turned away, and why."""
    return RefusedCharger.objects.filter(identity__iexact=point.identity)


def _check_free(identity: str) -> None:
    if ChargePoint.objects.filter(identity__iexact=identity).exists():
        raise _taken()


def _taken() -> Refused:
    return Refused(_("There is a charge point of this name already."), code="identity")


def _abilities(wish: Description) -> dict[str, bool]:
    return {"can_defer": wish.can_defer, "can_pause": wish.can_pause, "can_limit": wish.can_limit}


def _phases(wish: Description) -> int:
    return 1 if wish.standard == Connector.Standard.SCHUKO or wish.max_power_w <= _ONE_PHASE_W else 3


def least_power_w(*, standard: str, max_power_w: int) -> int:
    """What a charger gives at least, where its owner does not know."""
    one_phase = standard == Connector.Standard.SCHUKO or max_power_w <= _ONE_PHASE_W
    return min(_LEAST_PHASE_W * (1 if one_phase else 3), max_power_w)


def _supply_point(driver: Any, wish: Description) -> SupplyPoint:
    """Chargers at one address share its grid connection."""
    place = wish.place
    zone, time_zone = COUNTRIES[place.country]
    known = Location.objects.filter(
        owner=driver, address__iexact=place.address, postal_code=place.postal_code, country=place.country
    ).first()
    location = known or Location(owner=driver, is_public=False, country=place.country, time_zone=time_zone)
    location.name = location.address = place.address
    location.postal_code, location.city = place.postal_code, place.city
    location.latitude, location.longitude = place.latitude, place.longitude
    location.save()
    supply_point = location.supply_points.first() or SupplyPoint(location=location, name=place.address, price_zone=zone)
    supply_point.contracted_capacity_w = wish.connection_w
    supply_point.save()
    return supply_point


def _forget_if_empty(supply_point: SupplyPoint) -> None:
    """A place that was moved away from is nobody's any more; where plans were made for it, it stays."""
    location = supply_point.location
    if ChargePoint.objects.filter(supply_point__location=location).exists():
        return
    try:
        with transaction.atomic():
            location.delete()
    except ProtectedError:
        Location.objects.filter(pk=location.pk).update(address="", postal_code="", name="-")
