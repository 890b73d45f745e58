"""Charge points of one's own."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chargepoints.domain.errors import Refused
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, Connector, Evse, Location, RefusedCharger, SupplyPoint, Transaction
from chargepoints.services import security
from chargepoints.services.security import Knock, Refusal
from drivers.models import ChargeSession, HomeCharger
from drivers.services import private_points, stations
from drivers.services.private_points import Description, Place
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
HOME = Place("Lindenweg 5", "32839", "Steinheim", "DE", 51.868, 9.094)
WISH = Description(
    identity="WALLBOX-7",
    place=HOME,
    standard=Connector.Standard.TYPE2,
    min_power_w=4_140,
    max_power_w=11_000,
    connection_w=17_000,
    can_defer=True,
    can_pause=False,
    can_limit=True,
    ocpp_version="2.0.1",
    remote_address="192.168.1.20",
    heartbeat_interval_s=120,
)


def knock(point: ChargePoint, secret: str) -> ChargePoint | Refusal:
    return security.admit(knock=Knock((point.identity,), user=point.identity, secrets=(secret,)), now=NOW)


def test_a_charger_is_added_with_all_that_was_told_and_is_let_in_by_its_password(driver: Any) -> None:
    point, secret = private_points.add(driver=driver, wish=WISH)
    assert knock(point, secret) == point
    assert knock(point, "wrong") == Refusal.WRONG_SECRET
    point = private_points.points(driver).get()
    assert (point.can_defer, point.can_pause, point.heartbeat_interval_s) == (True, False, 120)
    assert (point.home_charger.ocpp_version, point.home_charger.remote_address) == ("2.0.1", "192.168.1.20")
    evse = private_points.evses(driver).get()
    assert (evse.max_power_w, evse.min_power_w, evse.phases) == (11_000, 4_140, 3)
    location = point.location
    assert (location.owner, location.is_public, location.time_zone) == (driver, False, "Europe/Berlin")
    assert (point.supply_point.price_zone, point.supply_point.contracted_capacity_w) == ("DE-LU", 17_000)


def test_nobody_else_sees_or_finds_it(driver: Any, other_driver: Any) -> None:
    point, _secret = private_points.add(driver=driver, wish=WISH)
    assert not private_points.points(other_driver).exists()
    assert not private_points.evses(other_driver).exists()
    assert point.pk not in {station.key for station in stations.grouped(list(stations.public_evses()))}


@pytest.mark.parametrize("identity", ["WALLBOX-7", "wallbox-7"])
def test_a_name_that_is_taken_is_refused(driver: Any, other_driver: Any, identity: str) -> None:
    private_points.add(driver=other_driver, wish=WISH)
    with pytest.raises(Refused):
        private_points.add(driver=driver, wish=replace(WISH, identity=identity))
    assert not Location.objects.filter(owner=driver).exists()


def test_chargers_at_one_address_share_its_grid_connection(driver: Any) -> None:
    first, _ = private_points.add(driver=driver, wish=WISH)
    second, _ = private_points.add(driver=driver, wish=replace(WISH, identity="WALLBOX-8"))
    third, _ = private_points.add(
        driver=driver, wish=replace(WISH, identity="WALLBOX-9", place=replace(HOME, address="Seeweg 1"))
    )
    assert first.supply_point == second.supply_point != third.supply_point


def test_an_eleventh_is_refused(driver: Any) -> None:
    for number in range(10):
        private_points.add(driver=driver, wish=replace(WISH, identity=f"BOX-{number}"))
    with pytest.raises(Refused):
        private_points.add(driver=driver, wish=WISH)


def test_what_changes_is_kept_and_an_empty_place_goes(driver: Any) -> None:
    point, _ = private_points.add(driver=driver, wish=WISH)
    moved = replace(
        WISH,
        place=Place("Odos Ermou 3", "10563", "Athina", "GR", 37.97, 23.72),
        standard=Connector.Standard.SCHUKO,
        max_power_w=2_300,
        min_power_w=1_380,
        can_pause=True,
    )
    private_points.change(driver=driver, point=point, wish=moved)
    point = private_points.points(driver).get()
    evse = point.evses.get()
    assert (point.location.city, point.location.time_zone, point.latitude) == ("Athina", "Europe/Athens", 37.97)
    assert (evse.max_power_w, evse.phases, evse.connectors.get().standard) == (2_300, 1, Connector.Standard.SCHUKO)
    assert point.can_pause
    assert Location.objects.filter(owner=driver).count() == 1


def test_one_that_was_never_used_is_removed_with_its_place(driver: Any) -> None:
    point, _secret = private_points.add(driver=driver, wish=WISH)
    private_points.remove(point=point, now=NOW)
    assert not ChargePoint.objects.exists()
    assert not SupplyPoint.objects.exists()
    assert not Location.objects.exists()
    private_points.add(driver=driver, wish=WISH)


def test_one_with_receipts_stays_for_them_but_nothing_connects_by_its_name(driver: Any) -> None:
    point, secret = private_points.add(driver=driver, wish=WISH)
    row = factories.transaction(point.evses.get(), driver, state=TransactionState.ENDED)
    private_points.remove(point=point, now=NOW)
    assert not private_points.points(driver).exists()
    assert not private_points.evses(driver).exists()
    assert Transaction.objects.get() == row
    assert knock(point, secret) == Refusal.UNKNOWN
    point.refresh_from_db()
    assert knock(point, "") == Refusal.WRONG_SECRET
    again, _ = private_points.add(driver=driver, wish=WISH)
    assert again.pk != point.pk


def test_nothing_is_removed_while_somebody_charges(driver: Any, home_evse: Evse) -> None:
    row = factories.transaction(home_evse, driver)
    with pytest.raises(Refused):
        private_points.remove(point=home_evse.charge_point, now=NOW)
    assert private_points.points(driver).exists()
    Transaction.objects.filter(pk=row.pk).update(state=TransactionState.ENDED)
    private_points.remove(point=home_evse.charge_point, now=NOW)
    assert not private_points.points(driver).exists()


def test_a_new_password_ends_the_old_one(driver: Any) -> None:
    point, old = private_points.add(driver=driver, wish=WISH)
    RefusedCharger.objects.create(
        identity=point.identity, reason="wrong_secret", first_at=NOW, last_at=NOW - timedelta(hours=1)
    )
    assert private_points.refusals(point).count() == 1
    new = private_points.new_password(point=point, now=NOW)
    assert knock(point, new) == point
    assert knock(point, old) == Refusal.WRONG_SECRET
    assert not private_points.refusals(point).exists()


def test_a_charger_from_before_is_known_too(driver: Any, home_evse: Evse) -> None:
    assert private_points.points(driver).get() == home_evse.charge_point
    wish = replace(WISH, identity=home_evse.charge_point.identity)
    private_points.change(driver=driver, point=home_evse.charge_point, wish=wish)
    assert HomeCharger.objects.get().charge_point == home_evse.charge_point
    assert not ChargeSession.objects.exists()
