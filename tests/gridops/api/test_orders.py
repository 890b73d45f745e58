"""Orders by machines."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from gridops.models import OrderKey
from gridops.services import once
from gridops.services.ledger import sealing
from smac.models import FlexOrder
from tests.gridops.api.conftest import Machine, machine_of, wanted
from tests.gridops.conftest import Area, order

pytestmark = pytest.mark.django_db


def test_an_order_is_given_and_found_again_in_list_and_detail(area: Area, machine: Machine) -> None:
    answer = machine.order(wanted())
    assert answer.status_code == 201, answer.content
    told = answer.json()
    row = FlexOrder.objects.get()
    assert (told["order"], told["status"], told["phase"]) == (row.pk, "success", "upcoming")
    assert (told["charge_points"], told["floor_w"]) == (["STM-1", "STM-2"], 4200)
    assert told["verdict"]["sentence"] == "Feasible: nobody is charging there now."
    assert answer.headers["Location"].endswith(f"/orders/{row.pk}")
    assert (row.ordered_by, row.max_power_w, row.reason) == (area.dso, 5000, "Transformer at its limit")
    assert machine.get(f"/orders/{row.pk}").json() == told
    assert machine.get("/orders").json() == {"results": [told], "next": None}


def test_a_group_stands_for_its_branch(area: Area, machine: Machine) -> None:
    body = wanted(group=area.group.pk)
    del body["charge_points"]
    assert machine.order(body).json()["charge_points"] == ["STM-1", "STM-2"]


def test_the_same_key_gives_the_same_order_and_answer(machine: Machine) -> None:
    body = wanted()
    first, again = machine.order(body), machine.order(body)
    assert (again.status_code, again.content) == (201, first.content)
    assert [it.headers["Idempotency-Replayed"] for it in (first, again)] == ["false", "true"]
    assert FlexOrder.objects.count() == 1


def test_the_same_key_answers_also_when_its_window_has_passed(machine: Machine) -> None:
    body = wanted()
    machine.order(body)
    body_then = {**body, "starts_at": (timezone.now() - timedelta(hours=3)).isoformat()}
    OrderKey.objects.update(digest=once.digest_of({"order": body_then}))
    assert machine.order(body_then).status_code == 201
    assert machine.order(body_then, key="new").status_code == 422


def test_a_key_is_not_taken_for_another_order(machine: Machine) -> None:
    machine.order(wanted())
    answer = machine.order(wanted(max_power_w=4000))
    assert (answer.status_code, answer.json()["code"]) == (422, "key-reused")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert FlexOrder.objects.get().max_power_w == 5000


def test_an_order_that_was_refused_leaves_its_key_free(machine: Machine) -> None:
    assert machine.order(wanted(max_power_w=-1)).status_code == 422
    assert machine.order(wanted()).status_code == 201


def test_two_owners_may_use_the_same_key(area: Area, machine: Machine, stranger: Machine) -> None:
    assert machine.order(wanted()).status_code == 201
    assert stranger.order(wanted("ATH-1")).status_code == 201
    assert FlexOrder.objects.count() == 2


def test_without_a_key_nothing_is_ordered(machine: Machine) -> None:
    answer = machine.post("/orders", wanted())
    assert (answer.status_code, answer.json()["code"]) == (400, "key-missing")
    assert not FlexOrder.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"max_power_w": -5}, "max_power_w"),
        ({"max_power_w": "much"}, "max_power_w"),
        ({"scope": "some"}, "scope"),
        ({"starts_at": "2030-01-01T10:00:00"}, "starts_at"),
        ({"starts_at": "2020-01-01T10:00:00Z"}, "starts_at"),
        ({"ends_at": "2020-01-01T10:00:00Z"}, "ends_at"),
        ({"charge_points": []}, "charge_points"),
        ({"charge_points": ["STM-1", "NONE"]}, "charge_points.1"),
        ({"charge_points": ["STM-1", "ATH-1"]}, "charge_points.1"),
        ({"group": 1}, "charge_points"),
        ({"v2g": True}, "max_export_w"),
        ({"max_power_kw": 5}, "max_power_kw"),
    ],
)
def test_what_is_wrong_is_told_field_by_field(machine: Machine, changes: dict[str, object], field: str) -> None:
    for answer in (machine.order(wanted(**changes)), machine.post("/previews", wanted(**changes))):
        assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
        problem = answer.json()
        assert (problem["status"], problem["code"]) == (422, "invalid")
        assert field in [error["field"] for error in problem["errors"]]
    assert not FlexOrder.objects.exists()


def test_a_foreign_charge_point_is_told_like_one_that_does_not_exist(machine: Machine) -> None:
    texts = [machine.order(wanted(name)).content.decode() for name in ("ATH-1", "NONE")]
    assert texts[0] == texts[1]


def test_errors_come_in_the_callers_language(machine: Machine) -> None:
    answer = machine.post("/previews", wanted(starts_at="2020-01-01T10:00:00Z"), **{"Accept-Language": "de"})
    assert answer.json()["errors"][0]["detail"] == "Der Beginn darf nicht in der Vergangenheit liegen."


def test_a_preview_answers_and_saves_nothing(machine: Machine) -> None:
    answer = machine.post("/previews", wanted())
    assert (answer.status_code, answer.json()["feasible"]) == (200, True)
    assert not FlexOrder.objects.exists()
    assert not OrderKey.objects.exists()


def test_an_order_is_withdrawn_once(machine: Machine) -> None:
    pk = machine.order(wanted()).json()["order"]
    answers = [machine.post(f"/orders/{pk}/withdrawal") for _ in range(2)]
    assert [it.status_code for it in answers] == [200, 200]
    assert answers[0].json()["phase"] == answers[1].json()["phase"] == "withdrawn"
    assert FlexOrder.objects.get().changes.filter(status="withdrawn").count() == 1


def test_an_order_that_has_ended_stays(area: Area, machine: Machine) -> None:
    row = order(area, ends_at=timezone.now() - timedelta(minutes=5))
    answer = machine.post(f"/orders/{row.pk}/withdrawal")
    assert (answer.status_code, answer.json()["code"]) == (422, "refused")


def test_an_order_that_names_foreign_points_is_seen_in_part_and_not_withdrawn(area: Area, machine: Machine) -> None:
    row = order(area, *area.points, area.foreign)
    told = machine.get(f"/orders/{row.pk}").json()
    assert (told["charge_points"], told["other_charge_points"]) == (["STM-1", "STM-2"], 1)
    assert machine.post(f"/orders/{row.pk}/withdrawal").status_code == 403
    assert "ATH-1" not in machine.get(f"/orders/{row.pk}/ledger").content.decode()


def test_the_ledger_bears_a_digest_that_holds(area: Area, machine: Machine) -> None:
    content = machine.get(f"/orders/{order(area).pk}/ledger").content
    assert sealing.check(content) == sealing.Checked(is_whole=True, is_ours=True)
    assert json.loads(content)["issued_by"] == area.dso.username


def test_the_list_is_filtered_and_paged_by_key(area: Area, machine: Machine) -> None:
    rows = [order(area, created_at=timezone.now() - timedelta(hours=n)) for n in range(5)]
    first = machine.get("/orders?limit=2").json()
    assert [it["order"] for it in first["results"]] == [rows[0].pk, rows[1].pk]
    second = machine.get(first["next"].partition("/gridops")[2]).json()
    assert [it["order"] for it in second["results"]] == [rows[2].pk, rows[3].pk]
    assert machine.get("/orders?time=withdrawn").json()["results"] == []
    assert machine.get("/orders?time=active&point=stm-1&limit=9").json()["results"]


@pytest.mark.parametrize("query", ["status=some", "limit=0", "limit=1001", "after=x", "after=999", "state=success"])
def test_a_filter_that_makes_no_sense_is_refused(area: Area, machine: Machine, query: str) -> None:
    order(area)
    answer = machine.get(f"/orders?{query}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, query.split("=")[0])


def test_strangers_find_nothing_of_an_order(area: Area, stranger: Machine) -> None:
    pk = order(area).pk
    answers = [stranger.get(f"/orders/{pk}"), stranger.get(f"/orders/{pk}/ledger")]
    answers.append(stranger.post(f"/orders/{pk}/withdrawal"))
    assert [it.status_code for it in answers] == [404, 404, 404]
    assert stranger.get("/orders").json()["results"] == []
    assert FlexOrder.objects.get().withdrawn_at is None


def test_a_token_that_may_read_reads_and_previews_and_orders_nothing(area: Area) -> None:
    reader, pk = machine_of(area.dso, "read"), order(area).pk
    assert reader.get(f"/orders/{pk}").status_code == 200
    assert reader.post("/previews", wanted()).status_code == 200
    assert reader.order(wanted()).status_code == 403
    assert reader.post(f"/orders/{pk}/withdrawal").status_code == 403
    assert FlexOrder.objects.filter(withdrawn_at=None).count() == 1
