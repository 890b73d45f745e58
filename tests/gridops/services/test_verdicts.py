"""The verdict as a sentence."""

from typing import Any

import pytest

from gridops.services import verdicts


def verdict(**changes: Any) -> dict[str, Any]:
    usual = {"feasible": True, "certain": True, "least_limit_w": None, "relaxation_wh": 0.0, "hit": [], "missed": []}
    return {**usual, **changes}


def missed(*energies_wh: float) -> list[dict[str, Any]]:
    return [{"missed_wh": energy} for energy in energies_wh]


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_a_feasible_order_says_how_many_sessions_it_touches() -> None:
    assert verdicts.sentence(verdict(hit=[{}] * 5)) == (
        "Feasible: 5 sessions follow the limit, none misses its target."
    )
    assert verdicts.sentence(verdict()) == "Feasible: nobody is charging there now."


def test_an_unfeasible_order_says_from_where_on_it_works_and_who_would_miss_what() -> None:
    found = verdict(feasible=False, least_limit_w=7_321.0, missed=missed(7_000, 5_000))

    assert plain(verdicts.sentence(found)) == ("Not feasible below 7.4 kW: 2 sessions would miss 12 kWh in all.")


def test_an_order_that_only_a_higher_limit_would_keep_tells_the_excess() -> None:
    found = verdict(feasible=False, relaxation_wh=1_200.0)

    assert plain(verdicts.sentence(found)) == "Not feasible: the limit would be exceeded by 1.2 kWh."


def test_an_estimate_says_so() -> None:
    assert verdicts.sentence(verdict(certain=False)).endswith(
        "This is an estimate: the optimiser did not answer in time."
    )


def test_an_order_that_is_not_judged_has_no_sentence() -> None:
    assert verdicts.sentence({}) == ""


@pytest.mark.parametrize(("energy_wh", "told"), [(12.0, "0.1 kWh"), (520.0, "0.5 kWh")])
def test_little_is_never_told_as_nothing(energy_wh: float, told: str) -> None:
    found = verdict(feasible=False, missed=missed(energy_wh))

    assert plain(verdicts.sentence(found)) == f"Not feasible: 1 session would miss {told}."
