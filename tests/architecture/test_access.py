"""Who may: every address of the project has a rule here, and everybody tries each of them.

An address without a rule fails. Whoever is refused has nothing written, and no page shows what is somebody else's.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from tests.architecture import cast
from tests.architecture.cast import Person, Town
from twinev import health

LOG_IN, TERMS, REFUSED, NOT_FOUND, WRONG_METHOD = "log in", "terms", "403", "404", "405"
NO_TOKEN = "401"
IN = "in"
STRANGERS = {Person.ANONYMOUS, Person.CLOSED}
KNOWN = set(Person) - STRANGERS


@dataclass(frozen=True)
class Rule:
    """Who gets in, who finds nothing as it is somebody else's, and what all others who are logged in are told."""

    insiders: set[Person]
    finds_nothing: set[Person] = field(default_factory=set)
    others: str = REFUSED
    strangers: str = LOG_IN

    def answer_to(self, person: Person) -> str:
        if person in self.insiders:
            return IN
        if person in STRANGERS:
            return self.strangers
        return NOT_FOUND if person in self.finds_nothing else self.others


PUBLIC = Rule(set(Person))
LOGGED_IN = Rule(KNOWN)
DRIVERS = Rule({Person.DRIVER, Person.OTHER_DRIVER}, others=TERMS)
THE_DRIVER = Rule({Person.DRIVER}, {Person.OTHER_DRIVER}, others=TERMS)
OPERATORS = Rule({Person.STAFF, Person.OTHER_STAFF})
THE_OPERATOR = Rule({Person.STAFF}, {Person.OTHER_STAFF})
GRID_OPERATORS = Rule({Person.GRID, Person.OTHER_GRID})
THE_GRID_OPERATOR = Rule({Person.GRID}, {Person.OTHER_GRID})
# Each person sends a token of the own; a log-in counts for nothing there.
MACHINES = Rule({Person.GRID, Person.OTHER_GRID}, strangers=NO_TOKEN)
THE_MACHINE = Rule({Person.GRID}, {Person.OTHER_GRID}, strangers=NO_TOKEN)


class Address:
    """A rule, another one for POST where it differs, and the things that the address names."""

    def __init__(self, rule: Rule, *, post: Rule | None = None, **things: str) -> None:
        self.rules = {"get": rule, "post": post or rule}
        self.things = things


ADDRESSES = {
    "healthz": Address(PUBLIC),
    "set_language": Address(PUBLIC),
    "identity:login": Address(PUBLIC),
    "identity:logout": Address(PUBLIC),
    "identity:signup": Address(PUBLIC),
    "identity:signup-sent": Address(PUBLIC),
    "identity:confirm": Address(PUBLIC, token="confirmation"),
    "identity:password-reset": Address(PUBLIC),
    "identity:password-reset-sent": Address(PUBLIC),
    "identity:password-reset-confirm": Address(PUBLIC, uidb64="uid", token="reset"),
    "identity:password-change": Address(LOGGED_IN),
    "identity:delete": Address(LOGGED_IN),
    "identity:account": Address(LOGGED_IN),
    "drivers:map": Address(PUBLIC),
    "drivers:stations": Address(PUBLIC),
    "drivers:station-list": Address(PUBLIC),
    "drivers:station": Address(PUBLIC, key="point"),
    "drivers:terms": Address(PUBLIC, post=LOGGED_IN),
    "drivers:terms-withdraw": Address(LOGGED_IN),
    "drivers:my-data": Address(LOGGED_IN),
    "drivers:my-data-export": Address(LOGGED_IN),
    "drivers:status": Address(LOGGED_IN),
    "drivers:notices": Address(LOGGED_IN),
    "drivers:notices-read": Address(LOGGED_IN),
    "drivers:bell": Address(LOGGED_IN),
    "drivers:push-subscribe": Address(LOGGED_IN),
    "drivers:push-unsubscribe": Address(LOGGED_IN),
    "drivers:manifest": Address(PUBLIC),
    "drivers:worker": Address(PUBLIC),
    "drivers:offline": Address(PUBLIC),
    "drivers:search": Address(DRIVERS),
    "drivers:reserve": Address(DRIVERS, evse_id="free_evse"),
    "drivers:station-watch": Address(DRIVERS, key="point"),
    "drivers:queue": Address(DRIVERS),
    "drivers:queue-join": Address(DRIVERS, key="point"),
    "drivers:queue-leave": Address(THE_DRIVER, pk="queue_entry"),
    "drivers:queue-take": Address(THE_DRIVER, pk="queue_entry"),
    "drivers:charge": Address(DRIVERS),
    "drivers:quote": Address(DRIVERS),
    "drivers:history": Address(DRIVERS),
    "drivers:session": Address(THE_DRIVER, pk="session"),
    "drivers:session-details": Address(THE_DRIVER, pk="session"),
    "drivers:session-chart": Address(THE_DRIVER, pk="session"),
    "drivers:session-end": Address(THE_DRIVER, pk="session"),
    "drivers:session-change": Address(THE_DRIVER, pk="session"),
    "drivers:session-change-quote": Address(THE_DRIVER, pk="session"),
    "drivers:session-v2g-stop": Address(THE_DRIVER, pk="session"),
    "drivers:session-receipt": Address(THE_DRIVER, pk="session"),
    "drivers:session-pick-up": Address(THE_DRIVER, pk="session"),
    "drivers:bookings": Address(DRIVERS),
    "drivers:booking-cancel": Address(THE_DRIVER, pk="reservation"),
    "drivers:vehicles": Address(DRIVERS),
    "drivers:shared": Address(DRIVERS),
    "drivers:shared-cancel": Address(THE_DRIVER, pk="vehicle_booking"),
    "drivers:vehicle-add": Address(DRIVERS),
    "drivers:vehicle": Address(THE_DRIVER, pk="car"),
    "drivers:vehicle-remove": Address(THE_DRIVER, pk="car"),
    "drivers:offers": Address(DRIVERS),
    "drivers:offer-preference": Address(DRIVERS),
    "drivers:offer": Address(THE_DRIVER, pk="campaign"),
    "drivers:offer-estimate": Address(THE_DRIVER, pk="campaign"),
    "drivers:offer-accept": Address(THE_DRIVER, pk="campaign"),
    "drivers:offer-decline": Address(THE_DRIVER, pk="campaign"),
    "drivers:me": Address(DRIVERS),
    "drivers:charge-points": Address(DRIVERS),
    "drivers:charge-point-add": Address(DRIVERS),
    "drivers:charge-point": Address(THE_DRIVER, pk="home"),
    "drivers:charge-point-link": Address(THE_DRIVER, pk="home"),
    "drivers:charge-point-password": Address(THE_DRIVER, pk="home"),
    "drivers:charge-point-remove": Address(THE_DRIVER, pk="home"),
    "drivers:card-add": Address(DRIVERS),
    "drivers:card-remove": Address(THE_DRIVER, pk="card"),
    "drivers:card-block": Address(THE_DRIVER, pk="card"),
    "gridops:status": Address(GRID_OPERATORS),
    "gridops:points": Address(GRID_OPERATORS),
    "gridops:search": Address(GRID_OPERATORS),
    "gridops:news": Address(GRID_OPERATORS),
    "gridops:preview": Address(GRID_OPERATORS),
    "gridops:preview_chart": Address(GRID_OPERATORS),
    "gridops:create": Address(GRID_OPERATORS),
    "gridops:historical": Address(GRID_OPERATORS),
    "gridops:historical_csv": Address(GRID_OPERATORS),
    "gridops:order": Address(THE_GRID_OPERATOR, pk="order"),
    "gridops:ledger": Address(THE_GRID_OPERATOR, pk="order"),
    "gridops:ledger_of": Address(THE_GRID_OPERATOR, pk="order", charge_point_id="point"),
    "gridops:ledger_csv": Address(THE_GRID_OPERATOR, pk="order"),
    "gridops:ledger_json": Address(THE_GRID_OPERATOR, pk="order"),
    "gridops:withdraw": Address(THE_GRID_OPERATOR, pk="order"),
    "gridops:change": Address(THE_GRID_OPERATOR, pk="order"),
    "gridops:accept": Address(THE_GRID_OPERATOR, pk="order"),
    "gridops:power": Address(THE_GRID_OPERATOR, pk="order"),
    "gridops:power_of": Address(THE_GRID_OPERATOR, pk="order", charge_point_id="point"),
    "gridops:flexibility": Address(THE_GRID_OPERATOR, pk="order"),
    "gridops:campaigns": Address(GRID_OPERATORS),
    "gridops:campaign_add": Address(GRID_OPERATORS),
    "gridops:campaign_preview": Address(GRID_OPERATORS),
    "gridops:campaign": Address(THE_GRID_OPERATOR, pk="campaign"),
    "gridops:campaign_power": Address(THE_GRID_OPERATOR, pk="campaign"),
    "gridops:campaign_csv": Address(THE_GRID_OPERATOR, pk="campaign"),
    "gridops:campaign_withdraw": Address(THE_GRID_OPERATOR, pk="campaign"),
    "gridops:users": Address(GRID_OPERATORS),
    "gridops:user_add": Address(GRID_OPERATORS),
    "gridops:user": Address(THE_GRID_OPERATOR, pk="colleague"),
    "gridops:user_remove": Address(THE_GRID_OPERATOR, pk="colleague"),
    "gridops:storage": Address(THE_GRID_OPERATOR, pk="order", supply_point_id="supply_point"),
    "gridops:machines": Address(GRID_OPERATORS),
    "gridops:machine_add": Address(GRID_OPERATORS),
    "gridops:machine_revoke": Address(THE_GRID_OPERATOR, pk="machine_token"),
    "schema": Address(PUBLIC),
    "gridops-api:charge_points": Address(MACHINES),
    "gridops-api:groups": Address(MACHINES),
    "gridops-api:connections": Address(MACHINES),
    "gridops-api:previews": Address(MACHINES),
    "gridops-api:orders": Address(MACHINES),
    "gridops-api:order": Address(THE_MACHINE, pk="order"),
    "gridops-api:withdrawal": Address(THE_MACHINE, pk="order"),
    "gridops-api:replacement": Address(THE_MACHINE, pk="order"),
    "gridops-api:acceptance": Address(THE_MACHINE, pk="order"),
    "gridops-api:ledger": Address(THE_MACHINE, pk="order"),
    "dashboard:home": Address(PUBLIC),  # only leads on
    "dashboard:figures": Address(OPERATORS),
    "dashboard:transactions": Address(OPERATORS),
    "dashboard:transaction": Address(THE_OPERATOR, pk="transaction"),
    "dashboard:transaction_curve": Address(THE_OPERATOR, pk="transaction"),
    "dashboard:commands": Address(OPERATORS),
    "dashboard:command": Address(THE_OPERATOR, pk="command"),
    "dashboard:locations": Address(OPERATORS),
    "dashboard:charge_point": Address(THE_OPERATOR, pk="point"),
    "dashboard:charge_point_plan": Address(THE_OPERATOR, pk="point"),
    "dashboard:charge_point_configuration": Address(THE_OPERATOR, pk="point"),
    "dashboard:charge_point_maintenance": Address(THE_OPERATOR, pk="point"),
    "dashboard:charge_point_setup": Address(THE_OPERATOR, pk="point"),
    "dashboard:charge_point_offline": Address(THE_OPERATOR, pk="point"),
    "dashboard:charge_point_dialect": Address(THE_OPERATOR, pk="point"),
    "dashboard:charge_point_profile": Address(THE_OPERATOR, pk="point"),
    "dashboard:charge_point_password": Address(THE_OPERATOR, pk="point"),
    "dashboard:charge_point_new_password": Address(THE_OPERATOR, pk="point"),
    "dashboard:register": Address(OPERATORS),
    "dashboard:refused": Address(OPERATORS),
    "dashboard:refused_dismiss": Address(THE_OPERATOR, pk="refused"),
    "dashboard:checks": Address(OPERATORS),
    "dashboard:check_decide": Address(THE_OPERATOR, pk="doubtful"),
    "dashboard:tokens": Address(OPERATORS),
    "dashboard:token_add": Address(OPERATORS),
    "dashboard:master_pass": Address(OPERATORS),
    "dashboard:token": Address(THE_OPERATOR, pk="fleet_card"),
    "dashboard:token_block": Address(THE_OPERATOR, pk="fleet_card"),
    "dashboard:messages": Address(OPERATORS),
}

# Things at addresses above that are not even theirs who get in there: nobody finds what is at home at a public
# station, nor what an order reaches outside of the own group.
NOBODYS = [
    ("drivers:station", Person.OTHER_DRIVER, {"key": "home"}, NOT_FOUND),
    ("drivers:station", Person.ANONYMOUS, {"key": "home"}, NOT_FOUND),
    ("drivers:reserve", Person.OTHER_DRIVER, {"evse_id": "home_evse"}, NOT_FOUND),
    ("drivers:station-watch", Person.OTHER_DRIVER, {"key": "home"}, NOT_FOUND),
    ("drivers:queue-join", Person.OTHER_DRIVER, {"key": "home"}, NOT_FOUND),
    ("drivers:offer", Person.DRIVER, {"pk": "foreign_campaign"}, NOT_FOUND),
    ("drivers:offer-accept", Person.DRIVER, {"pk": "foreign_campaign"}, NOT_FOUND),
    ("dashboard:transaction", Person.STAFF, {"pk": "home_transaction"}, NOT_FOUND),
    ("dashboard:transaction_curve", Person.STAFF, {"pk": "home_transaction"}, NOT_FOUND),
    ("dashboard:charge_point", Person.STAFF, {"pk": "home"}, NOT_FOUND),
    ("dashboard:charge_point_setup", Person.STAFF, {"pk": "home"}, NOT_FOUND),
    ("dashboard:charge_point_new_password", Person.STAFF, {"pk": "home"}, NOT_FOUND),
    ("dashboard:check_decide", Person.STAFF, {"pk": "home_transaction"}, NOT_FOUND),
    ("dashboard:check_decide", Person.STAFF, {"pk": "transaction"}, NOT_FOUND),
    ("dashboard:token", Person.STAFF, {"pk": "card"}, NOT_FOUND),
    ("dashboard:token_block", Person.STAFF, {"pk": "card"}, NOT_FOUND),
    ("dashboard:refused_dismiss", Person.STAFF, {"pk": "home_refused"}, NOT_FOUND),
    ("gridops:power_of", Person.GRID, {"pk": "shared_order", "charge_point_id": "foreign_point"}, NOT_FOUND),
    ("gridops:power_of", Person.GRID, {"pk": "order", "charge_point_id": "foreign_point"}, NOT_FOUND),
    ("gridops:power_of", Person.OTHER_GRID, {"pk": "shared_order", "charge_point_id": "point"}, NOT_FOUND),
    ("gridops:ledger_of", Person.GRID, {"pk": "shared_order", "charge_point_id": "foreign_point"}, NOT_FOUND),
    ("gridops:ledger_of", Person.OTHER_GRID, {"pk": "shared_order", "charge_point_id": "point"}, NOT_FOUND),
    ("gridops:storage", Person.GRID, {"pk": "shared_order", "supply_point_id": "foreign_supply_point"}, NOT_FOUND),
    ("gridops:campaign", Person.GRID, {"pk": "foreign_campaign"}, NOT_FOUND),
    ("gridops:campaign_withdraw", Person.GRID, {"pk": "foreign_campaign"}, NOT_FOUND),
    *(
        (f"gridops:{name}", person, {"pk": "shared_order"}, REFUSED)
        for name in ("withdraw", "change", "accept")
        for person in (Person.GRID, Person.OTHER_GRID)
    ),
    ("gridops-api:withdrawal", Person.GRID, {"pk": "shared_order"}, REFUSED),
    ("gridops-api:replacement", Person.GRID, {"pk": "shared_order"}, REFUSED),
    ("gridops-api:acceptance", Person.GRID, {"pk": "shared_order"}, REFUSED),
]


pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any) -> Iterator[Town]:
    """Built once, as nothing that is asked of it lasts."""
    cache.clear()  # the public map is kept there
    with django_db_blocker.unblock(), transaction.atomic():
        for part in health.PARTS:
            health.mark(part, now=timezone.now())
        yield cast.build()
        transaction.set_rollback(True)


# --- the walk over all addresses --------------------------------------------------------------------------------------


def _addresses(patterns: list[Any], namespace: str = "") -> Iterator[tuple[str, str]]:
    """Name and route of every pattern; the admin's are a group of their own."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.app_name != "admin":
                inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                yield from _addresses(pattern.url_patterns, inner)
        else:
            assert isinstance(pattern, URLPattern)
            yield (f"{namespace}{pattern.name}" if pattern.name else "", str(pattern.pattern))


def test_every_address_has_a_rule() -> None:
    found = list(_addresses(get_resolver().url_patterns))
    assert [route for name, route in found if name not in ADDRESSES] == [], "new address without a rule"
    assert len({name for name, _ in found}) == len(found), "two addresses of one name share a rule"
    assert set(ADDRESSES) - {name for name, _ in found} == set(), "a rule without an address"


@dataclass(frozen=True)
class Answer:
    outcome: str
    written: list[str]
    text: str


def _ask(town: Town, person: Person, method: str, address: str, data: Any = None, *, fragment: bool = False) -> Answer:
    """The answer, and which tables were written to; then everything is as it was."""
    written: list[str] = []

    def watch(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        done = execute(sql, *rest)
        if found := re.match(r'(?:INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO) "(\w+)"', sql):
            written.append(found[1])
        return done

    send, headers = getattr(town.browser(person), method), {"HX-Request": "true"} if fragment else {}
    kind, unseen = {}, {"django_session"}
    if address.startswith("/api/"):
        # That a token was used is noted, whatever it was used for.
        kind, unseen = ({} if method == "get" else {"content_type": "application/json"}), {"gridops_machinetoken"}
        headers |= {"Idempotency-Key": "k", "Authorization": f"Bearer {town.tokens.get(person, '')}"}
        data = None if method == "get" else data
    with transaction.atomic(), connection.execute_wrapper(watch):
        response = send(address, data, headers=headers, **kind)
        text = response.getvalue().decode()
        transaction.set_rollback(True)
    return Answer(_outcome(response), [table for table in written if table not in unseen], text)


def _outcome(response: Any) -> str:
    target = urlsplit(response.headers.get("Location") or response.headers.get("HX-Redirect") or "")
    if "next" in parse_qs(target.query):
        guards = {reverse("identity:login"): LOG_IN, reverse("drivers:terms"): TERMS, reverse("admin:login"): LOG_IN}
        return guards[target.path]
    # A form that is missing something, and a wish that came too late, were looked at: their sender is in.
    return IN if response.status_code < 400 or response.status_code in (409, 422) else str(response.status_code)


def _form(town: Town, name: str, person: Person) -> dict[str, Any]:
    """A filled-in form wherever one could change something, so that a missing guard shows."""
    car = town.cars.get(person, town.cars[Person.DRIVER])
    charge: dict[str, Any] = {"vehicle": car.pk, "mode": "basic", "soc_percent": 40, "target_soc_percent": 80}
    charge |= {"evse": town.things["home_evse"].pk, "minutes": 60}
    vehicle: dict[str, Any] = {"brand": "VW", "model": "ID.3", "plate": "HX-E 99", "connector_standard": "IEC_62196_T2"}
    vehicle |= {"battery_kwh": 58, "max_charge_kw": 11, "min_charge_kw": 1.38, "consumption_kwh_100km": 17}
    hour = (timezone.now() + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    shared = {"vehicle": town.things["shared_car"].pk, "id_token": town.things["card"].pk, "hours": hour.isoformat()}
    home: dict[str, Any] = {"identity": "HOME-99", "address": "Markt 1", "postal_code": "32839", "city": "Steinheim"}
    home |= {"country": "DE", "latitude": 51.87, "longitude": 9.09, "standard": "IEC_62196_T2", "ocpp_version": "1.6"}
    home |= {"max_power_kw": 11, "connection_kw": 17, "heartbeat_interval_s": 300}
    forms: dict[str, dict[str, Any]] = {
        "drivers:charge-point-add": home,
        "drivers:charge-point": home,
        "set_language": {"language": "de"},
        "identity:account": {"first_name": "Ann", "last_name": "Lee", "language": "de"},
        "drivers:reserve": charge,
        "drivers:station-watch": charge,
        "drivers:queue-join": charge,
        "drivers:queue-take": charge,
        "drivers:charge": charge,
        "drivers:quote": charge,
        "drivers:shared": shared,
        "drivers:session-change": charge,
        "drivers:session-change-quote": charge,
        "drivers:vehicle-add": vehicle,
        "drivers:vehicle": vehicle,
        "drivers:me": {"first_name": "Ann", "last_name": "Lee", "language": "de"},
        "drivers:card-add": {"token": "04A1B2C3"},
        "dashboard:charge_point_offline": {"behaviour": "nobody"},
        "dashboard:charge_point_dialect": {"name": "negative-limits"},
        "dashboard:charge_point_profile": {"profile": 2},
        "dashboard:register": _charger(town.things["supply_point"].pk),
        "dashboard:check_decide": {"decision": "accepted"},
        "dashboard:token_add": {"token": "FLEET0002", "token_type": "ISO14443"},
        "dashboard:token": {"parent": "FLEET"},
        "dashboard:master_pass": {"group": "SERVICE"},
        "gridops:create": _order(town.things["point"].pk),
        "gridops:user_add": _colleague(town, password="plain-sky-77", password_again="plain-sky-77"),
        "gridops:user": _colleague(town),
        "gridops:preview": _order(town.things["point"].pk),
        "gridops:preview_chart": _order(town.things["point"].pk),
        "gridops:machine_add": {"name": "SCADA", "scope": "order", "days": "30"},
        "gridops-api:previews": _machine_order(town.things["point"].identity),
        "gridops-api:orders": _machine_order(town.things["point"].identity),
        "gridops-api:replacement": {"max_power_w": 7000},
        "gridops-api:acceptance": {"misses": "none"},
    }
    return forms.get(name, {})


def _machine_order(*identities: str) -> dict[str, Any]:
    start = timezone.now() + timedelta(days=1)
    window = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=2)).isoformat()}
    return {"charge_points": list(identities), "scope": "each", "max_power_w": 5000, **window}


def _colleague(town: Town, **more: str) -> dict[str, Any]:
    who = {"username": "new-colleague", "email": "new-colleague@example.org"}
    return {**who, "groups": [town.things["grid_group"].pk], **more}


def _charger(supply_point_id: int) -> dict[str, Any]:
    what = {"identity": "NEW-1", "supply_point": supply_point_id, "evses": 2, "standard": "IEC_62196_T2"}
    return what | {"max_power_kw": 11, "max_discharge_kw": 0, "profile": 1}


def _order(*charge_point_ids: int) -> dict[str, Any]:
    tomorrow = (timezone.now() + timedelta(days=1)).date().isoformat()
    window = {"starts_at": f"{tomorrow}T10:00", "ends_at": f"{tomorrow}T12:00"}
    kind = {"scope": "each", "mandatory": "yes", "keep_floor": "on", "floor_kw": "4.2", "max_power_kw": "5"}
    return {"charge_points": list(charge_point_ids), **window, **kind}


@pytest.mark.parametrize("name", ADDRESSES)
def test_everybody_gets_just_as_far_as_the_rule_says(town: Town, name: str) -> None:
    rules, address = ADDRESSES[name].rules, reverse(name, kwargs=town.names(**ADDRESSES[name].things))
    wrong = []
    for person in Person:
        methods = set()
        for method, fragment in (("get", False), ("get", True), ("post", False), ("post", True)):
            data = {"q": "STM"} if method == "get" else _form(town, name, person)
            answer = _ask(town, person, method, address, data, fragment=fragment)
            what = f"{method}{' of a fragment' if fragment else ''} by {person}"
            wrong += [f"{what}: {fault}" for fault in _faults(town, person, method, rules[method], answer)]
            methods |= {method} if answer.outcome != WRONG_METHOD else set()
        wrong += [] if methods else [f"no method for {person}"]
    assert wrong == []


def _faults(town: Town, person: Person, method: str, rule: Rule, answer: Answer) -> list[str]:
    expected = rule.answer_to(person)
    faults = []
    if answer.outcome not in (expected, WRONG_METHOD):
        faults.append(f"{answer.outcome} instead of {expected}")
    # Neither may a link change anything, as no token guards it.
    if answer.written and (expected != IN or method == "get"):
        faults.append(f"wrote {answer.written}")
    known = {town.things["point"].identity} if rule is PUBLIC else set()
    if shown := [word for word in town.secrets_from(person) - known if word in answer.text]:
        faults.append(f"showed {shown}")
    return faults


@pytest.mark.parametrize(("name", "person", "things", "expected"), NOBODYS)
def test_what_lies_outside_of_the_own_is_not_found_at_an_own_address(
    town: Town, name: str, person: Person, things: dict[str, str], expected: str
) -> None:
    address = reverse(name, kwargs=town.names(**things))
    answers = [_ask(town, person, method, address, _form(town, name, person)) for method in ("get", "post")]
    assert {answer.outcome for answer in answers} - {WRONG_METHOD} == {expected}
    assert [answer.written for answer in answers] == [[], []]


@pytest.mark.parametrize(
    "name", ["drivers:charge", "drivers:quote", "drivers:reserve", "drivers:card-add", "drivers:shared"]
)
def test_a_form_that_names_another_drivers_things_changes_nothing(town: Town, name: str) -> None:
    form = _form(town, name, Person.DRIVER) | {"token": town.things["card"].token}
    address = reverse(name, kwargs=town.names(**ADDRESSES[name].things))
    assert _ask(town, Person.OTHER_DRIVER, "post", address, form).written == []
    mixed = form | {"vehicle": town.cars[Person.OTHER_DRIVER].pk}
    if name != "drivers:reserve":  # an own car at a free charger is a good wish
        assert _ask(town, Person.OTHER_DRIVER, "post", address, mixed).written == []


def test_a_charger_is_not_registered_at_a_foreign_grid_connection(town: Town) -> None:
    form = _charger(town.things["supply_point"].pk)
    assert _ask(town, Person.OTHER_STAFF, "post", reverse("dashboard:register"), form).written == []


@pytest.mark.parametrize("name", ["gridops:user_add", "gridops:user"])
def test_a_group_of_another_grid_operator_is_not_given_away(town: Town, name: str) -> None:
    athens = town.users[Person.OTHER_GRID].grid_operator.groups.get()
    form = _form(town, name, Person.GRID) | {"groups": [town.things["grid_group"].pk, athens.pk]}
    address = reverse(name, kwargs=town.names(**ADDRESSES[name].things))
    answer = _ask(town, Person.GRID, "post", address, form)
    assert (answer.written, athens.name in answer.text) == ([], False)


@pytest.mark.parametrize("name", ["gridops:create", "gridops:preview", "gridops:preview_chart"])
def test_a_restriction_that_names_a_foreign_charge_point_changes_nothing(town: Town, name: str) -> None:
    own, foreign = town.things["point"], town.things["foreign_point"]
    for form in (_order(foreign.pk), _order(own.pk, foreign.pk)):
        answer = _ask(town, Person.GRID, "post", reverse(name), form)
        assert answer.written == []
        assert foreign.identity not in answer.text


@pytest.mark.parametrize("name", ["gridops-api:orders", "gridops-api:previews"])
def test_a_machines_order_that_names_a_foreign_charge_point_changes_nothing(town: Town, name: str) -> None:
    foreign = town.things["foreign_point"].identity
    for form in (_machine_order(foreign), _machine_order(town.things["point"].identity, foreign)):
        answer = _ask(town, Person.GRID, "post", reverse(name), form)
        assert (answer.written, foreign in answer.text) == ([], False)


def test_the_forms_of_this_test_are_good_ones(town: Town) -> None:
    """Else their refusal would prove nothing."""
    owners = {"drivers:vehicle-add": Person.DRIVER, "drivers:me": Person.DRIVER, "drivers:card-add": Person.DRIVER}
    owners |= {"drivers:reserve": Person.OTHER_DRIVER, "gridops:create": Person.GRID, "drivers:vehicle": Person.DRIVER}
    owners |= {
        "drivers:session-end": Person.DRIVER,
        "identity:account": Person.NEWCOMER,
        "drivers:booking-cancel": Person.DRIVER,
        "drivers:shared": Person.DRIVER,
        "drivers:session-change": Person.DRIVER,
        "drivers:session-v2g-stop": Person.DRIVER,
        "drivers:shared-cancel": Person.DRIVER,
    }
    owners |= {
        f"gridops:{name}": Person.GRID for name in ("user_add", "user", "user_remove", "machine_add", "machine_revoke")
    }
    owners |= {f"gridops-api:{name}": Person.GRID for name in ("orders", "withdrawal", "replacement")}
    mine = ["offline", "dialect", "profile", "password", "new_password"]
    staffs = ["register", "refused_dismiss", "check_decide", "token_add", "token", "token_block", "master_pass"]
    owners |= {f"dashboard:charge_point_{name}": Person.STAFF for name in mine}
    owners |= {f"dashboard:{name}": Person.STAFF for name in staffs}
    for name, person in owners.items():
        address = reverse(name, kwargs=town.names(**ADDRESSES[name].things))
        assert _ask(town, person, "post", address, _form(town, name, person)).written, name


def test_the_secrets_of_this_test_are_on_the_pages_of_their_owners(town: Town) -> None:
    """Else their absence would prove nothing."""
    things, plate = town.things, town.cars[Person.DRIVER].plate
    owners = {
        ("drivers:vehicles", Person.DRIVER): plate,
        ("drivers:bookings", Person.DRIVER): plate,
        ("drivers:me", Person.DRIVER): things["card"].token,
        ("dashboard:locations", Person.STAFF): things["point"].identity,
        ("dashboard:transactions", Person.STAFF): things["point"].identity,
        ("dashboard:tokens", Person.STAFF): things["fleet_card"].token,
        ("gridops:points", Person.GRID): things["point"].identity,
        ("gridops:order", Person.GRID): things["order"].reason,
        ("gridops:historical_csv", Person.GRID): things["order"].reason,
        ("gridops:ledger", Person.GRID): things["point"].identity,
        ("gridops:ledger_csv", Person.GRID): things["point"].identity,
        ("gridops:ledger_json", Person.GRID): things["order"].reason,
        ("gridops-api:charge_points", Person.GRID): things["point"].identity,
        ("gridops-api:order", Person.GRID): things["order"].reason,
        ("gridops-api:orders", Person.GRID): things["order"].reason,
        ("gridops-api:ledger", Person.GRID): things["point"].identity,
    }
    for (name, person), word in owners.items():
        address = reverse(name, kwargs=town.names(**ADDRESSES[name].things))
        assert word in _ask(town, person, "get", address).text, name


@pytest.mark.parametrize("name", ADDRESSES)
def test_no_address_takes_a_form_that_another_site_sent(town: Town, name: str) -> None:
    address = reverse(name, kwargs=town.names(**ADDRESSES[name].things))
    for person in (Person.DRIVER, Person.STAFF, Person.GRID):
        browser = town.browser(person, checks_csrf=True)
        # At the addresses for machines a log-in counts for nothing, so that there is none to lend.
        expected = (401, 405) if name.startswith("gridops-api:") else (403, 405)
        assert browser.post(address, _form(town, name, person)).status_code in expected, person


# --- the admin --------------------------------------------------------------------------------------------------------


def _admin_addresses(town: Town) -> Iterator[str]:
    resolver = next(each for each in get_resolver().url_patterns if getattr(each, "app_name", "") == "admin")
    assert isinstance(resolver, URLResolver)
    known = {"object_id": str(town.users[Person.DRIVER].pk), "content_type_id": "1", "id": "1", "app_label": "identity"}
    for (name, *_), values in [((key,), value) for key, value in resolver.reverse_dict.lists() if isinstance(key, str)]:
        arguments = {argument: known.get(argument, "x") for argument in values[0][0][0][1]}
        yield reverse(f"admin:{name}", kwargs=arguments)


def test_the_admin_is_for_administrators_alone(town: Town) -> None:
    doors = {reverse("admin:login"), reverse("admin:logout")}
    rooms = sorted(set(_admin_addresses(town)) - doors)
    assert len(rooms) > 8
    for address in rooms:
        for person in Person:
            for method in ("get", "post"):
                answer = _ask(town, person, method, address)
                if person != Person.SUPERUSER:
                    assert (answer.outcome, answer.written) == (LOG_IN, []), (address, method, person)
                elif method == "get":
                    assert answer.outcome in (IN, NOT_FOUND, REFUSED), address
