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


def test_without_a_limit_there_is_none() -> None:
    assert Clock(None).left_s is None
