"""How profiles stack, against a naive look at each second."""

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chargepoints.domain import charging_profile as cp
from chargepoints.domain.charging_profile import Profile, Session, Stretch, composite, in_force
from chargepoints.domain.intents import Period

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
RUNNING = Session(evse_number=1, transaction_id="7", started_at=NOW - timedelta(seconds=5))
WINDOW_S = 40


def flat(purpose: str, limit_w: float, **values) -> Profile:
    return Profile(purpose, (Period(0, limit_w),), starts_at=NOW - timedelta(days=1), **values)


def limit(*profiles: Profile, session: Session = RUNNING, after_s: float = 0) -> float | None:
    return in_force(profiles, session, NOW + timedelta(seconds=after_s))


def test_without_any_profile_nothing_is_said() -> None:
    assert limit() is None
    assert composite([], RUNNING, at=NOW, duration_s=60) == (Stretch(0, None),)


def test_a_session_s_profile_replaces_the_default_one_even_upwards() -> None:
    assert limit(flat(cp.TX_DEFAULT, 4_200)) == 4_200
    assert limit(flat(cp.TX_DEFAULT, 4_200), flat(cp.TX, 11_000)) == 11_000


def test_the_charger_s_maximum_and_external_constraints_cap_whatever_leads() -> None:
    assert limit(flat(cp.TX, 11_000), flat(cp.CHARGE_POINT_MAX, 8_000), flat(cp.EXTERNAL, 6_000)) == 6_000
    assert limit(flat(cp.CHARGE_POINT_MAX, 8_000)) == 8_000


def test_a_profile_of_another_transaction_or_evse_says_nothing() -> None:
    assert limit(flat(cp.TX, 11_000, transaction_id="8"), flat(cp.TX_DEFAULT, 4_200, evse_number=2)) is None


def test_a_session_s_profile_says_nothing_where_no_transaction_runs() -> None:
    assert limit(flat(cp.TX, 11_000), session=Session(1)) is None


def test_the_highest_level_leads_and_the_evse_s_own_before_the_charger_s() -> None:
    assert limit(flat(cp.TX_DEFAULT, 1, stack_level=0), flat(cp.TX_DEFAULT, 2, stack_level=3)) == 2
    assert limit(flat(cp.TX_DEFAULT, 1, evse_number=1), flat(cp.TX_DEFAULT, 2)) == 1


def test_a_lower_level_takes_over_where_a_higher_one_has_ended() -> None:
    short = flat(cp.TX, 9_000, stack_level=2, valid_to=NOW + timedelta(seconds=10))
    assert composite([short, flat(cp.TX, 5_000)], RUNNING, at=NOW, duration_s=60) == (
        Stretch(0, 9_000),
        Stretch(10, 5_000),
    )


def test_after_the_last_session_s_profile_the_default_one_holds_again() -> None:
    plan = Profile(cp.TX, (Period(0, 9_000),), starts_at=NOW, duration_s=20)
    assert composite([plan, flat(cp.TX_DEFAULT, 4_200)], RUNNING, at=NOW, duration_s=60) == (
        Stretch(0, 9_000),
        Stretch(20, 4_200),
    )


def test_a_daily_profile_comes_again_each_day() -> None:
    nightly = Profile(
        cp.TX_DEFAULT, (Period(0, 2_000),), starts_at=NOW - timedelta(days=3), kind="recurring", duration_s=3_600
    )
    assert composite([nightly], RUNNING, at=NOW, duration_s=90_000) == (
        Stretch(0, 2_000),
        Stretch(3_600, None),
        Stretch(86_400, 2_000),
    )


def test_a_relative_profile_counts_from_the_transaction_s_start() -> None:
    relative = Profile(cp.TX_DEFAULT, (Period(0, 9_000), Period(15, 3_000)), kind="relative")
    assert composite([relative], RUNNING, at=NOW, duration_s=60) == (Stretch(0, 9_000), Stretch(10, 3_000))


def test_what_is_given_back_is_the_lesser_limit() -> None:
    assert limit(flat(cp.TX, -5_000), flat(cp.CHARGE_POINT_MAX, 8_000)) == -5_000


def naive(profiles: list[Profile], session: Session, at: datetime) -> float | None:
    """The standard read word by word for one moment, with nothing shared with the code."""
    said: dict[str, list[tuple[int, bool, float]]] = {}
    for one in profiles:
        if one.evse_number and one.evse_number != session.evse_number:
            continue
        if one.purpose == cp.TX and one.transaction_id not in ("", session.transaction_id):
            continue
        if (one.valid_from and at < one.valid_from) or (one.valid_to and not at < one.valid_to):
            continue
        base = session.started_at if one.kind == "relative" else one.starts_at
        seconds = (at - base).total_seconds()
        if seconds < 0:
            continue
        if one.kind == "recurring":
            seconds %= {"daily": 86_400, "weekly": 604_800}[one.recurrency]
        if one.duration_s is not None and seconds >= one.duration_s:
            continue
        begun = [period.limit_w for period in one.periods if period.start_s <= seconds]
        if begun:
            said.setdefault(one.purpose, []).append((one.stack_level, one.evse_number > 0, begun[-1]))
    best = {purpose: max(found, key=lambda it: it[:2])[2] for purpose, found in said.items()}
    session_w = best.get(cp.TX, best.get(cp.TX_DEFAULT))
    limits = [session_w, best.get(cp.CHARGE_POINT_MAX), best.get(cp.EXTERNAL)]
    return min((it for it in limits if it is not None), default=None)


seconds = st.integers(-15, WINDOW_S + 5)
moments = seconds.map(lambda value: NOW + timedelta(seconds=value))
schedules = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from([-3_000.0, 0.0, 1_000.0, 2_000.0, 4_000.0])),
    min_size=1,
    max_size=4,
    unique_by=lambda it: it[0],
).map(lambda found: tuple(Period(start_s, limit_w) for start_s, limit_w in sorted(found)))


@st.composite
def profiles(draw: st.DrawFn) -> Profile:
    kind = draw(st.sampled_from(["absolute", "absolute", "recurring", "relative"]))
    days = draw(st.sampled_from([0, 1, 7])) if kind == "recurring" else 0
    return Profile(
        purpose=draw(st.sampled_from([cp.TX, cp.TX_DEFAULT, cp.CHARGE_POINT_MAX, cp.EXTERNAL])),
        periods=draw(schedules),
        starts_at=draw(moments) - timedelta(days=days),
        evse_number=draw(st.sampled_from([0, 1, 2])),
        stack_level=draw(st.integers(0, 99)),
        kind=kind,
        recurrency=draw(st.sampled_from(["daily", "weekly"])),
        valid_from=draw(st.none() | moments),
        valid_to=draw(st.none() | moments),
        duration_s=draw(st.none() | st.integers(1, 40)),
        transaction_id=draw(st.sampled_from(["", "7", "8"])),
    )


# Two of the same purpose, level and place replace each other in a charger: they never stand beside one another.
installed = st.lists(profiles(), max_size=6, unique_by=lambda it: (it.purpose, it.stack_level, it.evse_number))


@given(installed)
@settings(deadline=None)
def test_the_composite_is_what_each_second_says(found: list[Profile]) -> None:
    stretches = composite(found, RUNNING, at=NOW, duration_s=WINDOW_S)
    for second in range(WINDOW_S):
        told = [one.limit_w for one in stretches if one.start_s <= second][-1]
        assert told == naive(found, RUNNING, NOW + timedelta(seconds=second))


@given(installed)
@settings(deadline=None)
def test_neighbours_in_a_composite_differ_and_the_first_begins_at_once(found: list[Profile]) -> None:
    stretches = composite(found, RUNNING, at=NOW, duration_s=WINDOW_S)
    assert stretches[0].start_s == 0
    assert all(a.start_s < b.start_s and a.limit_w != b.limit_w for a, b in itertools.pairwise(stretches))
