"""Step functions."""

from datetime import datetime, timedelta

from gridops.services import steps
from tests.factories import NOW


def at(minutes: int) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_a_later_plan_replaces_an_earlier_one_from_its_first_moment_on() -> None:
    first = [(at(0), 1.0), (at(15), 2.0), (at(30), 3.0)]
    second = [(at(20), 7.0), (at(30), 8.0)]

    assert steps.replanned([first, second]) == [(at(0), 1.0), (at(15), 2.0), (at(20), 7.0), (at(30), 8.0)]


def test_curves_with_other_moments_are_added_as_they_hold() -> None:
    assert steps.summed([[(at(0), 1.0), (at(20), 2.0)], [(at(10), 5.0)]]) == [
        (at(0), 1.0),
        (at(10), 6.0),
        (at(20), 7.0),
    ]


def test_a_cut_keeps_what_holds_at_its_start() -> None:
    curve = [(at(0), 1.0), (at(15), 2.0), (at(30), 3.0)]

    assert steps.cut(curve, at(5), at(30)) == [(at(5), 1.0), (at(15), 2.0)]
    assert steps.cut(curve, at(-10), at(1)) == [(at(0), 1.0)]


def test_a_difference_is_told_at_the_moments_of_the_second_curve() -> None:
    assert steps.combined([(at(0), 10.0)], [(at(5), 4.0)], -1) == [(at(5), 6.0)]


def test_what_held_for_a_moment_only_is_left_out() -> None:
    curve = [(at(0), 1.0), (at(15), 9.0), (at(15) + timedelta(seconds=5), 2.0), (at(30), 3.0)]

    assert steps.settled(curve, timedelta(minutes=1)) == [curve[0], curve[2], curve[3]]
    assert steps.settled([], timedelta(minutes=1)) == []
