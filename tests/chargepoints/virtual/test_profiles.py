"""Which profile leads, when, and what the composite of them says (OCPP 1.6 section 3.13)."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoints.virtual.profile_wire import read_profile
from chargepoints.virtual.profiles import Circuit, Period, Profile, ProfileStore, Schedule

from .conftest import START

CIRCUIT = Circuit(1, phases=3, dc=False, max_power_w=22_000, session_key="tx", session_started_at=START)


def profile(profile_id: int, *limits: float, **details: Any) -> Profile:
    """Limits of an hour each, from START on."""
    periods = tuple(Period(3_600 * hour, limit) for hour, limit in enumerate(limits))
    schedule = Schedule("W", periods, start=START, duration_s=details.pop("duration_s", None))
    given_details = {"stack_level": 0, "purpose": "TxDefaultProfile", "kind": "Absolute", "evse_number": 1, **details}
    return Profile(profile_id, schedule=schedule, **given_details)


def store(*profiles: Profile) -> ProfileStore:
    kept = ProfileStore()
    for each in profiles:
        kept.install(each)
    return kept


def limit_w(kept: ProfileStore, hours: float = 0, circuit: Circuit = CIRCUIT, share: int = 1) -> float:
    return kept.limit_w(circuit, START + timedelta(hours=hours), station_share=share)


def test_without_profiles_the_circuit_is_the_limit() -> None:
    assert limit_w(store()) == 22_000


def test_the_highest_stack_level_leads_for_as_long_as_it_says_something() -> None:
    kept = store(profile(1, 5_000), profile(2, 9_000, stack_level=3, duration_s=3_600))
    assert [limit_w(kept, hours) for hours in (0, 0.99, 1)] == [9_000, 9_000, 5_000]


def test_the_transactions_profile_leads_over_the_default_one() -> None:
    bound = profile(2, 9_000, purpose="TxProfile", session_key="tx")
    others = profile(3, 7_000, purpose="TxProfile", session_key="other", stack_level=5)
    assert limit_w(store(profile(1, 5_000, stack_level=8), bound, others)) == 9_000


def test_a_default_for_the_evse_leads_over_one_for_all() -> None:
    kept = store(profile(1, 5_000, evse_number=0), profile(2, 8_000, evse_number=1))
    assert limit_w(kept) == 8_000
    assert limit_w(kept, circuit=Circuit(2, 3, False, 22_000)) == 5_000


def test_the_station_caps_and_never_raises() -> None:
    cap = profile(9, 12_000, purpose="ChargingStationMaxProfile", evse_number=0)
    assert limit_w(store(cap, profile(1, 15_000))) == 12_000
    assert limit_w(store(cap, profile(1, 5_000))) == 5_000
    assert limit_w(store(cap), share=3) == 4_000


def test_before_its_start_and_out_of_its_validity_a_profile_says_nothing() -> None:
    kept = store(profile(1, 5_000, valid_from=START + timedelta(hours=1), valid_to=START + timedelta(hours=2)))
    assert [limit_w(kept, hours) for hours in (-1, 0, 1, 2)] == [22_000, 22_000, 5_000, 22_000]


def test_a_relative_profile_counts_from_the_transactions_start() -> None:
    kept = store(profile(1, 5_000, 6_000, kind="Relative"))
    later = Circuit(1, 3, False, 22_000, session_key="tx", session_started_at=START + timedelta(hours=2))
    assert [limit_w(kept, hours, later) for hours in (2, 3)] == [5_000, 6_000]
    assert limit_w(kept, circuit=Circuit(1, 3, False, 22_000)) == 22_000


def test_a_daily_profile_comes_again() -> None:
    kept = store(profile(1, 5_000, 6_000, kind="Recurring", recurrency="Daily", duration_s=7_200))
    assert [limit_w(kept, hours) for hours in (0, 1, 2, 24, 49, 50)] == [5_000, 6_000, 22_000, 5_000, 6_000, 22_000]


def test_a_negative_limit_reaches_as_far_as_the_circuit_gives_back() -> None:
    kept = store(profile(1, -8_000))
    giving = Circuit(1, 3, False, 22_000, max_discharge_w=5_000)
    assert limit_w(kept, circuit=giving) == -5_000
    assert limit_w(kept) == 0


@pytest.mark.parametrize(("phases", "expected_w"), [(None, 6_900), (3, 6_900), (1, 2_300)])
def test_amperes_become_watts_by_phases(phases: int | None, expected_w: float) -> None:
    schedule = Schedule("A", (Period(0, 10, phases),), start=START)
    in_amperes = Profile(1, 0, "TxDefaultProfile", "Absolute", schedule, evse_number=1)
    assert limit_w(store(in_amperes)) == expected_w
    assert limit_w(store(in_amperes), circuit=Circuit(1, 1, False, 7_400)) == 2_300


def test_the_same_id_or_the_same_slot_is_replaced() -> None:
    kept = store(profile(1, 5_000), profile(1, 6_000, stack_level=2), profile(2, 7_000, stack_level=2))
    assert [each.profile_id for each in kept] == [2]


def test_clearing_by_criteria_takes_only_what_fits() -> None:
    kept = store(profile(1, 5_000), profile(2, 6_000, stack_level=1), profile(3, 7_000, evse_number=2))
    assert kept.clear(evse_number=1, stack_level=1) == 1
    assert kept.clear(profile_id=77) == 0
    assert kept.clear() == 2


def test_the_profiles_of_a_transaction_end_with_it() -> None:
    kept = store(profile(1, 5_000, purpose="TxProfile", session_key="tx"), profile(2, 6_000))
    kept.drop_session("tx")
    assert [each.profile_id for each in kept] == [2]


def test_times_without_a_zone_are_utc_and_periods_are_put_in_order() -> None:
    periods = [{"startPeriod": 900, "limit": 2}, {"startPeriod": 0, "limit": 1}]
    schedule = {"chargingRateUnit": "W", "chargingSchedulePeriod": periods, "startSchedule": "2026-03-02T08:00:00"}
    wire = {
        "chargingProfileId": 4,
        "stackLevel": 0,
        "chargingProfilePurpose": "ChargePointMaxProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": schedule,
    }
    read = read_profile(wire)
    assert read.schedule.start == START
    assert read.schedule.periods == (Period(0, 1), Period(900, 2))
    assert read.purpose == "ChargingStationMaxProfile"


limits = st.lists(st.integers(-9_000, 30_000), min_size=1, max_size=5)


@given(own=limits, daily=limits, cap=limits, minute=st.integers(0, 23 * 60))
def test_the_composite_says_what_the_limit_will_be(
    own: list[int], daily: list[int], cap: list[int], minute: int
) -> None:
    kept = store(
        profile(1, *own, duration_s=5_400, stack_level=1),
        profile(2, *daily, kind="Recurring", recurrency="Daily", duration_s=10_000),
        profile(3, *cap, purpose="ChargingStationMaxProfile", evse_number=0),
    )
    circuit = Circuit(1, 3, False, 22_000, max_discharge_w=5_000)
    composite = kept.composite(circuit, START, 86_400)
    at = [period for period in composite if period.start_s <= minute * 60][-1]
    assert at.limit_w == limit_w(kept, minute / 60, circuit)
    assert all(a.limit_w != b.limit_w for a, b in pairwise(composite))
