"""Reasons in words."""

import pytest

from smac import words
from smac.optimisation.plan import MainReason, SlotReason

FACTS = {
    "from": "2026-11-23T13:00:00+00:00",
    "until": "2026-11-23T17:00:00+00:00",
    "energy_wh": 3_240,
    "limit_w": 5_000.0,
}


def say(code, **facts):
    return words.sentence({"code": code, **FACTS, **facts}, zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("code", "facts", "text"),
    [
        ("cheap_slots", {"waits": True}, "Waits for the cheaper hours from 14:00."),
        ("cheap_slots", {}, "Charges in the cheapest hours, until 18:00."),
        ("order", {}, "Grid limit of 5 kW until 18:00."),
        ("order", {"limit_w": 4_200.0}, "Grid limit of 4.2 kW until 18:00."),
        ("order", {"order_begins_later": True}, "Grid limit of 5 kW from 14:00 to 18:00."),
        ("unreachable", {}, "The wanted charge is out of reach in this time: 3.2 kWh are missing."),
        ("unreachable", {"order_id": 3}, "The wanted charge is out of reach under a grid limit: 3.2 kWh are missing."),
        ("surplus", {}, "Follows the sun: 3.2 kWh come from it."),
    ],
)
def test_a_reason_is_told_in_one_sentence_with_the_clock_of_the_place(code, facts, text):
    assert say(code, **facts) == text


def test_every_reason_has_a_sentence_and_every_slot_a_label():
    assert all(say(str(code)) for code in MainReason)
    assert all(words.slot_label(str(reason)) for reason in SlotReason)


def test_what_is_not_known_is_not_told():
    assert words.sentence({}, zone="Europe/Berlin") == ""
    assert words.slot_label("") == ""


def test_a_makeshift_plan_says_that_it_is_one():
    told = say("cheap_slots", is_makeshift=True)
    assert told.startswith("Charges in the cheapest hours, until 18:00. This is a makeshift plan")
