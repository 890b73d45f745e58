"""A plan within what a charger takes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chargepoints.domain import profile_limits as limits
from chargepoints.domain.charging_profile import limit_at
from chargepoints.domain.intents import Period
from chargepoints.domain.profile_limits import Adaptation, ProfileLimits, fit, from_moment, shortened

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PLAN = (Period(0, 7_000.0), Period(900, 0.0), Period(1_800, 9_000.0), Period(2_700, 5_000.0))


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("Current,Power", {"A", "W"}),
        ("Current", {"A"}),
        ("Power", {"W"}),
        ("A, W", {"A", "W"}),
        ("", set()),
        ("?", set()),
    ],
)
def test_units_are_read_in_both_versions_words(text: str, units: set[str]) -> None:
    assert limits.rate_units(text) == units


def test_limits_are_read_from_1_6_keys_and_2_0_1_variables() -> None:
    old = limits.from_variables({"chargingschedulemaxperiods": "6", "chargeprofilemaxstacklevel": "0"})
    new = limits.from_variables({"periodsperschedule": "6", "profilestacklevel": "0", "rateunit": "A"})
    assert (old.max_periods, old.max_stack_level) == (new.max_periods, new.max_stack_level) == (6, 0)
    assert new.ampere_only
    assert not old.ampere_only


def test_nonsense_and_a_room_for_nothing_are_no_limits() -> None:
    told = limits.from_variables({"maxchargingprofilesinstalled": "0", "chargingschedulemaxperiods": "many"})
    assert told == ProfileLimits()


def test_a_plan_that_fits_is_told_as_it_is() -> None:
    assert fit(PLAN, ProfileLimits(max_periods=4)) == limits.Fitted(PLAN)


def test_of_a_plan_that_is_too_long_the_first_periods_are_exact_and_the_rest_at_its_least() -> None:
    fitted = fit(PLAN, ProfileLimits(max_periods=3))
    assert fitted.periods == (Period(0, 7_000.0), Period(900, 0.0), Period(1_800, 5_000.0))
    assert fitted.adaptations == (Adaptation.FEWER_PERIODS,)
    assert fitted.duration_s is None


def test_with_one_period_the_first_holds_for_as_long_as_as_much_is_allowed() -> None:
    fitted = fit(PLAN, ProfileLimits(max_periods=1))
    assert (fitted.periods, fitted.duration_s) == ((Period(0, 7_000.0),), 900)
    rising = (Period(0, 3_000.0), Period(900, 5_000.0))
    assert shortened(rising, 1) == ((Period(0, 3_000.0),), None)


def test_a_charger_without_a_dialect_pauses_where_the_plan_gives_energy_back() -> None:
    plan = (Period(0, 7_000.0), Period(900, -5_000.0), Period(1_800, 0.0))
    fitted = fit(plan, ProfileLimits())
    assert fitted.periods == (Period(0, 7_000.0), Period(900, 0.0))
    assert fitted.adaptations == (Adaptation.NO_DIALECT,)
    assert fit(plan, ProfileLimits(discharge_messages=True)).adaptations == (Adaptation.BY_MESSAGE,)
    assert fit(plan, ProfileLimits(negative_limits=True)).periods == plan


def test_a_discharge_is_never_prolonged() -> None:
    plan = (Period(0, 7_000.0), Period(900, -5_000.0), Period(1_800, 3_000.0))
    assert fit(plan, ProfileLimits(max_periods=2, negative_limits=True)).periods[-1].limit_w == 0.0


def test_what_is_left_of_a_plan_begins_with_what_holds_now() -> None:
    later = from_moment(PLAN, NOW, NOW + timedelta(seconds=1_000))
    assert later == (Period(0, 0.0), Period(800, 9_000.0), Period(1_700, 5_000.0))


plans = st.lists(st.sampled_from([0.0, 2_000.0, 4_000.0, 11_000.0]), min_size=1, max_size=12).map(
    lambda found: tuple(Period(900 * number, limit_w) for number, limit_w in enumerate(found))
)


@given(plans, st.integers(1, 6))
def test_a_shortened_plan_is_nowhere_above_the_plan_and_exact_at_first(plan: tuple[Period, ...], most: int) -> None:
    fitted = fit(plan, ProfileLimits(max_periods=most))
    assert len(fitted.periods) <= most
    assert fitted.periods[0] == plan[0] or most > 1
    end_s = fitted.duration_s or 900 * len(plan)
    for offset_s in range(0, end_s, 900):
        told, planned = limit_at(fitted.periods, offset_s), limit_at(plan, offset_s)
        assert told is not None
        assert planned is not None
        assert told <= planned
        assert told == planned or offset_s >= 900 * (most - 1)
