"""How the solves of a plan share their time."""

import pytest

from smac.optimisation import solve
from smac.optimisation.solve import Clock


def test_all_solves_share_one_limit_and_none_is_left_without(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(solve.time, "monotonic", lambda: now)
    clock = Clock(10.0)
    assert clock.left_s == 10.0
    now = 107.0
    assert clock.left_s == 3.0
    now = 130.0
    assert clock.left_s == 1.0


def test_a_search_leaves_time_for_the_linear_programs_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(solve.time, "monotonic", lambda: now)
    clock = Clock(10.0)
    now = 101.0
    clock.set_aside()
    assert (clock.left_s, clock.set_aside_s, clock.left_to_search_s) == (9.0, 3.0, 6.0)
    now = 109.0
    assert clock.left_to_search_s == 1.0
    slow = Clock(10.0)
    now = 119.0
    slow.set_aside()
    assert (slow.set_aside_s, slow.left_to_search_s) == (5.0, 1.0)


def test_without_a_limit_there_is_none() -> None:
    clock = Clock(None)
    clock.set_aside()
    assert (clock.left_s, clock.left_to_search_s) == (None, None)
