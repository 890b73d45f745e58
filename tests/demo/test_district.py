"""The district is whole: every name that is used exists."""

from collections import Counter
from zoneinfo import ZoneInfo

from twinev.demo.curves import PROFILES, SITES
from twinev.demo.district import DISTRICT
from twinev.demo.people import DEMO_PASSWORD
from twinev.demo.specs import Role

POINTS = [charge_point for _, _, charge_point in DISTRICT.charge_points()]


def test_there_are_enough_charge_points_of_both_versions_in_both_pilots():
    assert len(POINTS) >= 22
    assert min(Counter(point.ocpp_version for point in POINTS).values()) >= 8
    countries = Counter(location.country for location, _, _ in DISTRICT.charge_points())
    assert min(countries["DE"], countries["GR"]) >= 10


def test_identities_are_unique_and_fit_into_a_websocket_path():
    identities = [point.identity for point in POINTS]
    assert len(set(identities)) == len(identities)
    assert all(identity.replace("-", "").isalnum() and len(identity) <= 48 for identity in identities)


def test_names_that_are_used_exist():
    tariffs = {tariff.name for tariff in DISTRICT.tariffs}
    leaves = {group.name for group in DISTRICT.groups.walk() if not group.children}
    operators = {operator.name for operator in DISTRICT.operators}
    usernames = {user.username for user in DISTRICT.users}
    assert {point.tariff for point in POINTS} == tariffs
    assert {point.group for point in POINTS} == leaves
    for location in DISTRICT.locations:
        assert (location.operator in operators) != (location.owner in usernames), location.name
        assert ZoneInfo(location.time_zone).key == location.time_zone


def test_operators_use_their_own_tariffs_only():
    owner_of = {tariff.name: tariff.operator for tariff in DISTRICT.tariffs}
    for location, _, point in DISTRICT.charge_points():
        assert owner_of[point.tariff] == location.operator, point.identity


def test_every_group_name_means_one_group():
    names = [group.name for group in DISTRICT.groups.walk()]
    assert len(set(names)) == len(names)
    assert names[0] == "Grid area"


def test_supply_points_have_known_curves_and_can_carry_each_charger_alone():
    for location in DISTRICT.locations:
        for supply_point in location.supply_points:
            assert supply_point.demand_profile in PROFILES
            assert supply_point.pv_site in SITES
            for point in supply_point.charge_points:
                assert max(evse.max_power_w for evse in point.evses) <= supply_point.contracted_capacity_w


def test_only_the_village_can_discharge_and_has_a_shared_car_for_it():
    discharging = [point for point in POINTS if any(evse.max_discharge_w for evse in point.evses)]
    assert [point.identity for point in discharging] == ["HAG-V2G-01"]
    shared = [vehicle for user in DISTRICT.users for vehicle in user.vehicles if vehicle.is_shared]
    assert len(shared) == 1
    assert shared[0].facts.v2g
    assert shared[0].connector_standard in discharging[0].evses[0].connectors


def test_every_role_has_a_login():
    assert {user.role for user in DISTRICT.users} == set(Role)
    names = [user.username for user in DISTRICT.users]
    assert len(set(names)) == len(names)
    assert {"demo", "dso1", "gridadmin", "cpo.hagedorn", "cpo.attica"} <= set(names)
    groups = {group.name for group in DISTRICT.groups.walk()}
    assert all(set(user.groups) <= groups for user in DISTRICT.users)
    assert len(DEMO_PASSWORD) >= 12


def test_drivers_have_a_card_and_a_car_of_the_catalogue():
    drivers = [user for user in DISTRICT.users if user.role is Role.DRIVER]
    tokens = [driver.id_token for driver in drivers]
    assert len(set(tokens)) == len(tokens)
    for driver in drivers:
        assert driver.vehicles
        assert all(vehicle.facts.battery_capacity_wh for vehicle in driver.vehicles)


def test_stations_lie_in_their_pilots():
    boxes = {"DE": (51.84, 51.90, 9.05, 9.20), "GR": (37.94, 38.03, 23.69, 23.78)}
    for location, _, point in DISTRICT.charge_points():
        south, north, west, east = boxes[location.country]
        assert south < point.latitude < north, point.identity
        assert west < point.longitude < east, point.identity
