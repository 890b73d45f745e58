"""Export and erasure: nothing is left out of the one, nothing is left over by the other."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.utils import timezone

from chargepoints.domain.errors import Refused
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, Command, Evse, Location, MeterValue, OcppMessage, Reservation, Transaction
from drivers.models import ChargeSession, Notice, PushSubscription, QueueEntry, VehicleBooking, Watch
from drivers.services import booking, lifecycle, my_data, notices, sessions
from smac.models import ChargingNeed, Participation
from smac.services.campaigns import answering, preferences
from tests import factories
from tests.architecture import cast
from tests.drivers.conftest import wish
from tests.factories import NOW, minutes
from tests.smac.services.campaigns.conftest import campaign
from twinev.identity import accounts
from twinev.identity.models import LoginThrottle

pytestmark = pytest.mark.django_db
END = NOW + timedelta(hours=1)
# What nobody may find anywhere once Zora is gone.
PERSONAL = ["zora", "zimmermann", "hx-zz 99", "zoracard01", "lindenweg 77", "zorabox", "push.apple.com/zora", "51.8765"]


@pytest.fixture(autouse=True)
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def zora(public_evse: Evse) -> Any:
    """A driver with something of everything, whose charge is over and paid."""
    person = factories.driver("zora")
    get_user_model().objects.filter(pk=person.pk).update(first_name="Zora", last_name="Zimmermann")
    person.refresh_from_db()
    car = factories.vehicle(person, plate="HX-ZZ 99", is_shared=True)
    factories.id_token(person, "ZORACARD01")
    _charge(person, car, public_evse)
    _home(person)
    about: dict[str, str | int] = {"station": "Zimmermann's market"}
    notices.tell(user=person, kind=Notice.Kind.TURN, about=about, path="/", now=NOW)
    PushSubscription.objects.create(
        user=person, endpoint="https://push.apple.com/zora", p256dh="k", auth="a", created_at=NOW
    )
    facts = {"driver": person, "station": public_evse.charge_point, "vehicle": car, "until": END}
    Watch.objects.create(**facts, asked_at=NOW)
    QueueEntry.objects.create(**facts, joined_at=NOW)
    VehicleBooking.objects.create(vehicle=car, driver=person, starts_at=NOW, ends_at=END)
    offer = campaign(public_evse.charge_point)
    answering.opt_in(campaign=offer, driver=person, now=NOW)
    preferences.choose(driver=person, choice="always", now=NOW)
    LoginThrottle.objects.create(account="zora", address="10.0.0.1", last_at=NOW)
    return person


def _charge(person: Any, car: Any, evse: Evse) -> None:
    reservation = booking.reserve(driver=person, evse=evse, vehicle=car, position=None, now=NOW)
    session = sessions.begin(driver=person, wish=wish(car, evse, reservation=reservation), quote={}, now=NOW)
    row = factories.transaction(evse, person, token="ZORACARD01", reservation=reservation)
    sessions.started(session=session, transaction_row=row, now=NOW)
    values = [
        MeterValue(
            charge_point=evse.charge_point,
            evse_number=1,
            transaction=row,
            at=NOW + minutes(minute),
            measurand="Energy.Active.Import.Register",
            value=100.0 * minute,
            unit="Wh",
        )
        for minute in range(60)
    ]
    MeterValue.objects.bulk_create(values)
    over = {"state": TransactionState.ENDED, "ended_at": END, "energy_wh": 6_000.0}
    Transaction.objects.filter(pk=row.pk).update(**over)
    lifecycle.transaction_ended(transaction_id=row.pk, now=END)
    ChargeSession.objects.filter(pk=session.pk).update(state=ChargeSession.State.PICKED_UP)
    Reservation.objects.filter(pk=reservation.pk).update(status=Reservation.Status.DONE)
    Transaction.objects.filter(pk=row.pk).update(cost_amount="3.00", cost_currency="EUR")
    message = {"idTag": "zoracard01", "connectorId": 1, "nested": [{"id": "ZORACARD01"}]}
    OcppMessage.objects.create(
        charge_point=evse.charge_point, at=NOW, direction="in", message_type=2, message_id="1", payload=message
    )
    Command.objects.filter(charge_point=evse.charge_point).update(payload={"token": "ZORACARD01", "evse": 1})


def _home(person: Any) -> None:
    evse = factories.charge_point(owner=person, identity="ZORABOX").evses.get()
    where = {"latitude": 51.8765, "address": "Lindenweg 77", "name": "Lindenweg 77"}
    Location.objects.filter(owner=person).update(**where)
    ChargePoint.objects.filter(pk=evse.charge_point_id).update(latitude=51.8765)
    factories.transaction(evse, person, state=TransactionState.ENDED, ended_at=END)


def exported(person: Any) -> Any:
    return json.loads("".join(my_data.export(driver=person, now=NOW)))


def test_the_export_holds_all_that_is_kept_with_every_value_of_the_meter(zora: Any) -> None:
    data = exported(zora)
    assert data["account"]["last_name"] == "Zimmermann"
    assert {name: len(rows) for name, rows in data.items() if isinstance(rows, list)} == {
        "terms": 1,
        "vehicles": 1,
        "vehicle_bookings": 1,
        "charge_cards": 2,
        "places": 1,
        "charge_points": 1,
        "reservations": 1,
        "needs": 1,
        "charge_sessions": 1,
        "watches": 1,
        "queue_entries": 1,
        "notices": 2,
        "browsers": 1,
        "offers": 1,
        "offer_preference": 1,
        "transactions": 2,
    }
    public = next(row for row in data["transactions"] if row["cost_amount"])
    assert [value["value"] for value in public["meter_values"]] == [100.0 * minute for minute in range(60)]
    assert public["cost_amount"] == "3.00"


def test_the_export_comes_in_pieces_however_many_values_there_are(zora: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = exported(zora)
    monkeypatch.setattr(my_data, "_AT_ONCE", 7)
    assert exported(zora) == whole
    assert len(list(my_data.export(driver=zora, now=NOW))) > 20


def test_every_row_that_names_a_user_is_in_the_export_or_is_not_about_drivers() -> None:
    not_about_drivers = {
        "operator_staff",
        "grid_operator",
        "flex_orders",
        "campaigns",
        "machine_tokens",
        "order_keys",
        "server_link",
        "logentry",
        "+",
    }
    sections = {
        "terms_acceptances": "terms",
        "id_tokens": "charge_cards",
        "home_locations": "places",
        "charging_needs": "needs",
        "push_subscriptions": "browsers",
        "participations": "offers",
    }
    known = {*my_data._VALUES_OF, "transactions"}
    for relation in get_user_model()._meta.related_objects:
        name = relation.get_accessor_name() or "+"
        name = name.removesuffix("_set")
        assert name in not_about_drivers or sections.get(name, name) in known, name


def test_no_secret_of_machines_and_nothing_of_others_is_exported(zora: Any, other_driver: Any) -> None:
    factories.vehicle(other_driver, plate="HX-OT 1")
    text = "".join(my_data.export(driver=zora, now=NOW))
    assert not any(word in text for word in ("secret_hash", "sha256$", "password", "p256dh"))
    assert "HX-OT 1" not in text
    assert other_driver.username not in text


def whole_database() -> str:
    rows = [str(row) for model in apps.get_models() for row in model._default_manager.values()]
    return "\n".join(rows).casefold()


def test_nothing_personal_remains_anywhere_but_what_was_paid(zora: Any) -> None:
    before = whole_database()
    assert [word for word in PERSONAL if word not in before] == []
    accounts.delete(zora)
    after = whole_database()
    assert [word for word in PERSONAL if word in after] == []
    assert not get_user_model().objects.filter(pk=zora.pk).exists()
    paid = Transaction.objects.get()
    assert (paid.driver, paid.token, str(paid.cost_amount), paid.energy_wh) == (None, "", "3.00", 6_000.0)
    assert (paid.started_at, MeterValue.objects.filter(transaction=paid).count()) == (NOW, 60)
    assert not ChargingNeed.objects.exists()
    # The grid operator's sums stay as they are.
    assert list(Participation.objects.values_list("driver", "state")) == [(None, "in")]


def test_what_is_others_stays(zora: Any, other_driver: Any, public_evse: Evse) -> None:
    card = factories.id_token(other_driver, "OTHERCARD")
    car = factories.vehicle(other_driver)
    row = factories.transaction(public_evse, other_driver, token="OTHERCARD", id_token=card)
    message = OcppMessage.objects.create(
        charge_point=public_evse.charge_point,
        at=NOW,
        direction="in",
        message_type=2,
        message_id="2",
        payload={"idTag": "OTHERCARD"},
    )
    accounts.delete(zora)
    for kept in (card, car, row, message):
        kept.refresh_from_db()
    assert (row.driver, row.token, message.payload) == (other_driver, "OTHERCARD", {"idTag": "OTHERCARD"})


def test_nobody_goes_while_the_car_is_at_the_charger(driver: Any, charging: ChargeSession) -> None:
    with pytest.raises(Refused):
        accounts.delete(driver)
    charging.refresh_from_db()
    assert charging.driver == driver


def test_a_grid_operator_leaves_the_orders_without_a_name() -> None:
    town = cast.build()
    person = town.users[cast.Person.GRID]
    order = town.things["order"]
    name = person.username
    accounts.delete(person)
    order.refresh_from_db()
    assert order.ordered_by.username == f"deleted-{person.pk}"
    assert name not in whole_database()
