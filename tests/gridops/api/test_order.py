"""An order that cannot be kept, by machines: another limit in its place, or all the same."""

from __future__ import annotations

from typing import Any

import pytest

from smac.models import FlexOrder
from smac.services import limits
from tests.gridops.api.conftest import Machine, machine_of, wanted
from tests.gridops.conftest import Area, order

pytestmark = pytest.mark.django_db
MISSED = {
    "name": "STM-1/1",
    "need_id": 1,
    "missed_wh": 4000.0,
    "target_soc_percent": 80,
    "reached_soc_percent": 72.0,
    "departure_at": "2026-11-23T18:00:00+00:00",
}


def unfeasible(area: Area, *points: Any, **verdict: Any) -> FlexOrder:
    told = {"feasible": False, "certain": True, "least_limit_w": 7321.4, "relaxation_wh": 4000.0, "hit": []}
    missed = [{**MISSED, "charge_point_id": area.points[0].pk}, {**MISSED, "charge_point_id": area.foreign.pk}]
    return order(area, *points, status=FlexOrder.Status.UNFEASIBLE, verdict={**told, "missed": missed, **verdict})


def test_the_verdict_names_who_misses_what_at_own_charge_points_alone(area: Area, machine: Machine) -> None:
    told = machine.get(f"/orders/{unfeasible(area).pk}").json()["verdict"]
    assert (told["feasible"], told["least_limit_w"]) == (False, 7400)
    assert [(it["charge_point"], it["missed_wh"]) for it in told["missed"]] == [("STM-1", 4000.0)]


@pytest.mark.parametrize(("body", "limit_w"), [({}, 7400), ({"max_power_w": 9000}, 9000)])
def test_an_order_is_replaced_once_for_each_key(
    area: Area, machine: Machine, body: dict[str, int], limit_w: int
) -> None:
    old = unfeasible(area)
    answers = [machine.post(f"/orders/{old.pk}/replacement", body, **{"Idempotency-Key": "r"}) for _ in range(2)]
    assert [it.status_code for it in answers] == [201, 201], answers[0].content
    assert answers[0].content == answers[1].content
    new = answers[0].json()
    assert (new["max_power_w"], new["replaces"]) == (limit_w, old.pk)
    told = machine.get(f"/orders/{old.pk}").json()
    assert (told["phase"], told["replaced_by"]) == ("withdrawn", new["order"])
    assert FlexOrder.objects.count() == 2


def test_a_key_of_an_order_is_none_for_its_replacement(area: Area, machine: Machine) -> None:
    machine.order(wanted(), key="k")
    answer = machine.post(f"/orders/{unfeasible(area).pk}/replacement", **{"Idempotency-Key": "k"})
    assert (answer.status_code, answer.json()["code"]) == (422, "key-reused")


def test_where_no_least_limit_is_known_one_has_to_be_said(area: Area, machine: Machine) -> None:
    pk = unfeasible(area, least_limit_w=None).pk
    assert machine.post(f"/orders/{pk}/replacement", **{"Idempotency-Key": "r"}).status_code == 422
    assert FlexOrder.objects.get().withdrawn_at is None


def test_misses_are_accepted_by_name_when_they_were_looked_at(area: Area, machine: Machine) -> None:
    old = unfeasible(area)
    told = machine.get(f"/orders/{old.pk}").json()
    assert (told["misses"], told["misses_accepted_by"]) == (limits.misses_digest(old), None)
    assert machine.post(f"/orders/{old.pk}/acceptance", {"misses": "other"}).status_code == 422
    answer = machine.post(f"/orders/{old.pk}/acceptance", {"misses": told["misses"]})
    assert (answer.status_code, answer.json()["misses_accepted_by"]) == (200, area.dso.username)


def test_strangers_readers_and_holders_of_a_part_change_nothing(
    area: Area, stranger: Machine, machine: Machine
) -> None:
    own, mixed = unfeasible(area), unfeasible(area, *area.points, area.foreign)
    reader = machine_of(area.dso, "read")
    for asker, row, expected in (
        (stranger, own, 404),
        (reader, own, 403),
        (machine, mixed, 403),
        (stranger, mixed, 403),
    ):
        for what in ("replacement", "acceptance"):
            body = {"misses": limits.misses_digest(row)} if what == "acceptance" else {"max_power_w": 9000}
            answer = asker.post(f"/orders/{row.pk}/{what}", body, **{"Idempotency-Key": "s"})
            assert answer.status_code == expected, (what, answer.content)
    assert FlexOrder.objects.filter(withdrawn_at=None, acceptances=None).count() == 2
