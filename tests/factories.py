"""Rows for tests: a small world with two operators, so that a stranger is always at hand."""

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from chargepoints.models import (
    ChargePoint,
    Command,
    Connector,
    Evse,
    IdToken,
    Location,
    Operator,
    OperatorStaff,
    SupplyPoint,
    Tariff,
    Transaction,
)
from chargepoints.services import commands, provisioning
from chargepoints.services.authorization import register_token
from drivers.models import TermsAcceptance, Vehicle
from drivers.services import terms
from gridops.models import GridOperator
from twinev.identity.models import User

# A Monday noon in winter: quarter hours, market hours and local days all lie plainly.
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECRET = "a-secret-for-tests"
PASSWORD = "correct horse battery staple"
_serial = itertools.count(1)


def user(username: str = "", **values: Any) -> User:
    name = username or f"user{next(_serial)}"
    return User.objects.create_user(username=name, email=f"{name}@example.org", password=PASSWORD, **values)


def driver(username: str = "") -> User:
    """A driver who has accepted the terms."""
    person = user(username or f"driver{next(_serial)}", email_confirmed_at=NOW)
    TermsAcceptance.objects.create(driver=person, version=terms.CURRENT_VERSION, accepted_at=NOW)
    return person


def operator(name: str = "") -> Operator:
    return Operator.objects.create(name=name or f"Operator {next(_serial)}")


def staff(of: Operator) -> User:
    person = user(f"staff{next(_serial)}")
    OperatorStaff.objects.create(user=person, operator=of)
    return person


def grid_operator(*groups: Any, is_administrator: bool = False) -> User:
    person = user(f"dso{next(_serial)}")
    profile = GridOperator.objects.create(user=person, is_administrator=is_administrator)
    profile.groups.set(groups)
    return person


def supply_point(of: Operator | None = None, *, owner: User | None = None, **values: Any) -> SupplyPoint:
    """A supply point at a public location of an operator, or at an owner's home."""
    place: dict[str, Any] = {"owner": owner, "is_public": False} if owner else {"operator": of or operator()}
    location = Location.objects.create(
        name=f"Place {next(_serial)}", latitude=51.87, longitude=9.09, city="Steinheim", country="DE", **place
    )
    return SupplyPoint.objects.create(
        location=location,
        name=f"Supply {next(_serial)}",
        **{"contracted_capacity_w": 50_000, "injection_limit_w": 20_000, **values},
    )


def tariff(**values: Any) -> Tariff:
    usual = {"name": f"Tariff {next(_serial)}", "energy_price_per_kwh": Decimal("0.10"), "follows_market": True}
    return Tariff.objects.create(**{**usual, **values})


def charge_point(
    of: Operator | None = None,
    *,
    owner: User | None = None,
    at: SupplyPoint | None = None,
    identity: str = "",
    evses: int = 1,
    max_power_w: int = 11_000,
    max_discharge_w: int = 0,
    standard: str = Connector.Standard.TYPE2,
    connected: bool = True,
    **values: Any,
) -> ChargePoint:
    """A charge point whose connectors are available; its secret is ``SECRET``."""
    specs = [
        provisioning.EvseSpec(
            number=number, max_power_w=max_power_w, max_discharge_w=max_discharge_w, standard=standard
        )
        for number in range(1, evses + 1)
    ]
    row, _ = provisioning.register_charge_point(
        identity=identity or f"CP-{next(_serial):04d}",
        supply_point=at or supply_point(of, owner=owner),
        latitude=51.87,
        longitude=9.09,
        evses=specs,
        tariff=values.pop("tariff", None) or tariff(),
        secret=SECRET,
        **values,
    )
    Connector.objects.filter(evse__charge_point=row).update(status=Connector.Status.AVAILABLE, status_at=NOW)
    if connected:
        ChargePoint.objects.filter(pk=row.pk).update(
            connection_key="link", connected_at=NOW, attended_at=NOW, last_heard_at=NOW
        )
        row.refresh_from_db()
    return row


def evse(of: Operator | None = None, **values: Any) -> Evse:
    return charge_point(of, **values).evses.get(number=1)


def id_token(holder: User | None = None, token: str = "") -> IdToken:
    return register_token(token=token or f"CARD{next(_serial):04d}", driver=holder)


def vehicle(owner: User, **values: Any) -> Vehicle:
    usual = {
        "plate": f"HX-E {next(_serial)}",
        "brand": "Renault",
        "model": "Zoe",
        "battery_capacity_wh": 52_000,
        "max_charge_w": 22_000,
    }
    return Vehicle.objects.create(owner=owner, **{**usual, **values})


def transaction(on: Evse, holder: User | None = None, *, started_at: datetime = NOW, **values: Any) -> Transaction:
    """A transaction that is running since ``started_at``."""
    values.setdefault("remote_id", f"T{next(_serial)}")
    return Transaction.objects.create(
        charge_point=on.charge_point,
        evse=on,
        connector=on.connectors.first(),
        driver=holder,
        started_at=started_at,
        meter_start_wh=0.0,
        **values,
    )


def taken(charge_point_id: int, link: str = "link", now: datetime = NOW) -> Command | None:
    """The oldest command that waits, as the charger's connection takes it to send it."""
    claimed = commands.take(charge_point_id=charge_point_id, connection_key=link, now=now)
    return claimed.command if claimed else None


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)
