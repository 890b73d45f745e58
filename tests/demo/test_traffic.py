"""The generator of cars that come and go."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

from twinev.demo.district import DISTRICT
from twinev.demo.traffic import LONGEST_STAY, arrivals, history, present

MONDAY = date(2026, 11, 23)
DAYS = [MONDAY + timedelta(days=offset) for offset in range(10)]
WEEK = [car for day in DAYS for car in arrivals(day, district=DISTRICT, seed=7, busyness=2.0)]
EVSES = {
    (point.identity, evse.number): (location, evse)
    for location, _, point in DISTRICT.charge_points()
    for evse in point.evses
}


def test_the_same_day_and_seed_bring_the_same_cars():
    again = [car for day in DAYS for car in arrivals(day, district=DISTRICT, seed=7, busyness=2.0)]
    assert again == WEEK
    assert arrivals(MONDAY, district=DISTRICT, seed=8) != arrivals(MONDAY, district=DISTRICT, seed=7)


def test_no_point_and_no_car_is_taken_twice_at_a_time():
    for one, other in combinations(WEEK, 2):
        shares = (one.identity, one.evse_number) == (other.identity, other.evse_number) or one.plate == other.plate
        if shares:
            assert one.departs_at <= other.arrives_at or other.departs_at <= one.arrives_at


def test_cars_fit_the_point_and_come_to_their_own_country():
    for car in WEEK:
        location, evse = EVSES[car.identity, car.evse_number]
        driver = DISTRICT.user(car.username)
        assert driver.country == location.country
        assert any(driver.vehicles[0].facts.fits(standard) for standard in evse.connectors)
        assert car.max_charge_w <= evse.max_power_w
        assert car.id_token == driver.id_token


def test_a_home_serves_its_owner_and_nobody_plays_the_demo_user():
    for car in WEEK:
        owner = EVSES[car.identity, car.evse_number][0].owner
        assert owner in (None, car.username)
    assert "demo" not in {car.username for car in WEEK}
    assert "HAG-HOME-07" not in {car.identity for car in WEEK}


def test_stays_and_wishes_are_those_of_sane_people():
    for car in WEEK:
        assert timedelta(minutes=10) < car.departs_at - car.arrives_at <= LONGEST_STAY
        assert 5 <= car.soc_percent < car.target_soc_percent <= 100
        assert car.min_charge_w <= car.max_charge_w


def test_one_phase_cars_get_a_third_of_a_three_phase_point():
    singles = [
        car
        for car in WEEK
        if DISTRICT.user(car.username).vehicles[0].facts.ac_phases == 1
        and EVSES[car.identity, car.evse_number][1].max_power_w == 11_000
    ]
    assert singles
    assert all(car.max_charge_w <= 3_667 for car in singles)


def test_weekday_mornings_are_busier_than_weekend_mornings():
    def morning_share(days: list[date]) -> float:
        cars = [car for day in days for car in arrivals(day, district=DISTRICT, seed=3, busyness=2.0)]
        hours = [car.arrives_at.astimezone(EVSES[car.identity, car.evse_number][0].zone).hour for car in cars]
        return sum(1 for hour in hours if hour in (7, 8)) / len(hours)

    weekdays = [MONDAY + timedelta(days=offset) for offset in range(5)]
    weekend = [MONDAY + timedelta(days=offset) for offset in (5, 6, 12, 13)]
    assert morning_share(weekdays) > 1.5 * morning_share(weekend)


def test_those_present_are_those_who_came_and_did_not_leave():
    now = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
    here = present(now, district=DISTRICT, seed=7, busyness=2.0)
    assert here == [car for car in WEEK if car.arrives_at <= now < car.departs_at]
    assert len(here) >= 5


def test_history_is_over_and_the_battery_took_what_it_could():
    until = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    sessions = history(until=until, days=3, district=DISTRICT)
    assert len(sessions) > 60
    for session in sessions:
        car = session.arrival
        assert car.arrives_at < session.charged_until <= car.departs_at + timedelta(seconds=1)
        assert car.departs_at <= until
        assert 0 < session.energy_wh < car.battery_capacity_wh
        assert car.soc_percent < session.reached_soc_percent <= car.target_soc_percent


def test_a_district_without_drivers_stays_empty():
    assert arrivals(MONDAY, district=replace(DISTRICT, users=())) == []
