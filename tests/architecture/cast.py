"""A town in which everything is somebody's, and the people who knock at its addresses."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from chargepoints.models import ChargePoint, ChargePointGroup, IdToken, Operator, OperatorStaff, RefusedCharger
from chargepoints.services import id_tokens
from drivers.models import ChargeSession, QueueEntry, Vehicle
from drivers.services import booking, sessions, sharing
from drivers.services.wish import Wish
from gridops.models import GridOperator
from gridops.services import tokens as machine_tokens
from smac.models import Campaign, FlexOrder
from smac.services.campaigns import announcing
from smac.slots import SLOT, floor
from tests import factories
from twinev.identity import accounts
from twinev.identity.models import User


class Person(StrEnum):
    ANONYMOUS = "anonymous"
    CLOSED = "closed account that had every right"
    NEWCOMER = "driver without terms"
    DRIVER = "driver"
    OTHER_DRIVER = "another driver"
    STAFF = "staff"
    OTHER_STAFF = "staff of another operator"
    GRID = "grid operator"
    OTHER_GRID = "grid operator of another group"
    SUPERUSER = "superuser"


@dataclass
class Town:
    """``things`` are what addresses name: the driver's, at the staff's charge point, in the grid operator's group."""

    users: dict[Person, User]
    things: dict[str, Any]
    cars: dict[Person, Vehicle]
    cookies: dict[Person, str]
    # What everybody's machine would send: also of those who have no right to one, or no longer.
    tokens: dict[Person, str]
    # One client for all requests, as each new one builds the middleware again.
    client: Client = field(default_factory=Client)
    strict_client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))

    def names(self, **wanted: str) -> dict[str, Any]:
        """The arguments of an address: a thing's primary key, or the thing itself where it is a text."""
        found = {argument: self.things[thing] for argument, thing in wanted.items()}
        return {argument: getattr(thing, "pk", thing) for argument, thing in found.items()}

    def browser(self, person: Person, *, checks_csrf: bool = False) -> Client:
        client = self.strict_client if checks_csrf else self.client
        client.cookies.clear()
        if person in self.cookies:
            client.cookies["sessionid"] = self.cookies[person]
        return client

    def secrets_from(self, person: Person) -> set[str]:
        """Words that no page with a guard may show to ``person``. Drivers know public charge points by name."""
        mine = {self.things["card"].token, self.cars[Person.DRIVER].plate, self.things["home"].identity}
        point, reason = self.things["point"].identity, self.things["order"].reason
        fleet = self.things["fleet_card"].token
        seen = {Person.DRIVER: mine | {point}, Person.OTHER_DRIVER: {point}, Person.STAFF: {point, fleet}}
        seen[Person.GRID] = {point, reason}
        return (mine | {point, reason, fleet}) - seen.get(person, set())


def build() -> Town:
    now = timezone.now()
    operator, group = factories.operator("Steinheim Mobil"), ChargePointGroup.objects.create(name="Steinheim")
    users = _people(operator, group)
    cars = {person: factories.vehicle(user, plate=f"HX-E {user.username}") for person, user in users.items()}
    point = _charge_point(operator, group)
    things = _places(users, point) | _session(users[Person.DRIVER], cars[Person.DRIVER], point, now)
    things |= _orders(users[Person.GRID], point, things["foreign_point"], now)
    things |= _campaigns(users, point, things["foreign_point"], now)
    things["grid_group"], things["colleague"] = group, factories.grid_operator(group).grid_operator
    things["queue_entry"] = QueueEntry.objects.create(
        driver=users[Person.DRIVER],
        station=things["foreign_point"],
        vehicle=cars[Person.DRIVER],
        joined_at=now,
        until=now + timedelta(hours=1),
    )
    things["card"] = factories.id_token(users[Person.DRIVER], "CARDOFANN")
    things |= _for_staff(operator, point, things["home"], now)
    things |= _shared_car(users, things["card"], now)
    cookies = {person: _cookie(user) for person, user in users.items()}
    tokens = {person: _token(user, now) for person, user in users.items()}
    things["machine_token"] = users[Person.GRID].machine_tokens.get()
    User.objects.filter(pk=users[Person.CLOSED].pk).update(is_active=False)
    return Town(users, things | _links(users[Person.DRIVER]), cars, cookies, tokens)


def _people(operator: Operator, group: ChargePointGroup) -> dict[Person, User]:
    closed = factories.driver("closed")
    User.objects.filter(pk=closed.pk).update(is_staff=True, is_superuser=True)
    OperatorStaff.objects.create(user=closed, operator=operator)
    GridOperator.objects.create(user=closed).groups.add(group)
    return {
        Person.CLOSED: closed,
        Person.NEWCOMER: factories.user("newcomer"),
        Person.DRIVER: factories.driver("ann"),
        Person.OTHER_DRIVER: factories.driver("bob"),
        Person.STAFF: factories.staff(operator),
        Person.OTHER_STAFF: factories.staff(factories.operator("Attiki Charge")),
        Person.GRID: factories.grid_operator(group, is_administrator=True),
        Person.OTHER_GRID: factories.grid_operator(
            ChargePointGroup.objects.create(name="Athens"), is_administrator=True
        ),
        Person.SUPERUSER: factories.user("root", is_staff=True, is_superuser=True),
    }


def _charge_point(operator: Operator, group: ChargePointGroup) -> ChargePoint:
    supply_point = factories.supply_point(operator, storage_capacity_wh=20_000)
    point = factories.charge_point(at=supply_point, identity="STM-7731", evses=2)
    group.charge_points.add(point)
    return point


def _places(users: dict[Person, User], point: ChargePoint) -> dict[str, Any]:
    """The charge point, a foreign one of the other operator and grid operator, and the driver's own at home."""
    foreign = factories.charge_point(users[Person.OTHER_STAFF].operator_staff.operator, identity="ATH-4242")
    users[Person.OTHER_GRID].grid_operator.groups.get().charge_points.add(foreign)
    home = factories.charge_point(owner=users[Person.DRIVER], identity="HOME-1909")
    return {
        "point": point,
        "supply_point": point.supply_point,
        "free_evse": point.evses.get(number=2),
        "foreign_point": foreign,
        "foreign_supply_point": foreign.supply_point,
        "home": home,
        "home_evse": home.evses.get(),
        "home_transaction": factories.transaction(home.evses.get(), users[Person.DRIVER]),
    }


def _session(driver: User, car: Vehicle, point: ChargePoint, now: datetime) -> dict[str, Any]:
    evse = point.evses.get(number=1)
    reservation = booking.reserve(driver=driver, evse=evse, vehicle=car, position=None, now=now)
    wish = Wish(
        vehicle=car,
        evse=evse,
        reservation=reservation,
        mode="basic",
        soc_percent=40,
        target_soc_percent=80,
        departure_at=now + timedelta(hours=2),
    )
    session = sessions.begin(driver=driver, wish=wish, quote={}, now=now)
    transaction = factories.transaction(evse, driver, started_at=now)
    sessions.started(session=session, transaction_row=transaction, now=now)
    session = ChargeSession.objects.get(pk=session.pk)
    things = {"session": session, "reservation": reservation, "transaction": transaction}
    return things | {"car": car, "command": session.command}


def _orders(user: User, point: ChargePoint, foreign: ChargePoint, now: datetime) -> dict[str, FlexOrder]:
    """An order on the own charge point, and one that touches a foreign one as well."""
    found = {}
    for name, points in (("order", [point]), ("shared_order", [point, foreign])):
        found[name] = FlexOrder.objects.create(
            ordered_by=user,
            max_power_w=5000,
            reason=f"Works in Mill Street, {name}",
            starts_at=now - timedelta(hours=1),
            ends_at=now + timedelta(hours=1),
            created_at=now - timedelta(hours=2),
            status=FlexOrder.Status.SUCCESS,
        )
        found[name].charge_points.set(points)
    return found


def _campaigns(
    users: dict[Person, User], point: ChargePoint, foreign: ChargePoint, now: datetime
) -> dict[str, Campaign]:
    """An offer to whoever charges at the charge point, and one at the foreign one."""
    values = {"direction": "less", "wanted_w": 20_000, "incentive_per_kwh": Decimal("0.5"), "budget": Decimal(50)}
    window = {"starts_at": floor(now) + SLOT, "ends_at": floor(now) + 5 * SLOT, "now": now}
    offered = {"campaign": (Person.GRID, point), "foreign_campaign": (Person.OTHER_GRID, foreign)}
    return {
        name: announcing.announce(
            created_by=users[person], charge_points=[at], message=f"Works in Mill Street, {name}", **values, **window
        )
        for name, (person, at) in offered.items()
    }


def _shared_car(users: dict[Person, User], card: IdToken, now: datetime) -> dict[str, Any]:
    """Somebody's shared car, which the driver has booked for some hours."""
    car = factories.vehicle(users[Person.SUPERUSER], plate="HX-V 2G", is_shared=True)
    starts_at, ends_at = now + timedelta(hours=3), now + timedelta(hours=5)
    hours = {"starts_at": starts_at, "ends_at": ends_at, "now": now}
    held = sharing.book(vehicle=car, driver=users[Person.DRIVER], id_token=card, **hours)
    return {"shared_car": car, "vehicle_booking": held}


def _for_staff(operator: Operator, point: ChargePoint, home: ChargePoint, now: datetime) -> dict[str, Any]:
    """A card that the operator gave out, doubtful facts, and who was turned away."""
    knock = {"reason": RefusedCharger.Reason.WRONG_SECRET, "address": "192.0.2.7", "first_at": now, "last_at": now}
    doubtful = factories.transaction(
        point.evses.get(number=1), started_at=now, state="quarantined", flaw="start missing", energy_wh=4_000.0
    )
    return {
        "fleet_card": id_tokens.issue(operator=operator, token="FLEET0001"),
        "doubtful": doubtful,
        "refused": RefusedCharger.objects.create(identity=point.identity.lower(), **knock),
        "home_refused": RefusedCharger.objects.create(identity=home.identity, **knock),
    }


def _links(user: User) -> dict[str, str]:
    """What links in e-mails carry. Made last: a log-in ends the link for a new password."""
    user.refresh_from_db()
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    reset = default_token_generator.make_token(user)
    return {"confirmation": accounts.confirmation_token(user), "uid": uid, "reset": reset}


def _cookie(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


def _token(user: User, now: datetime) -> str:
    end = now + timedelta(days=1)
    return machine_tokens.make(user=user, name="SCADA", scope="order", expires_at=end, now=now)[1]
