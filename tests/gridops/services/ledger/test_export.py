"""A ledger as a file: recomputed by its written-down rules alone, and spoiled by one changed figure."""

import csv
import hashlib
import json
from io import StringIO
from typing import Any

import pytest
from django.test import override_settings

from chargepoints.models import ChargePoint
from gridops.services import ledger
from gridops.services.ledger import export, sealing
from gridops.services.ledger.sealing import Checked
from smac.models import FlexOrder
from tests.factories import NOW, minutes
from tests.gridops.conftest import Area, order
from tests.gridops.proving import charging, told

MISSED = [
    {"name": "STM-1/1", "need_id": 7, "missed_wh": 2_300.4, "target_soc_percent": 80.0, "reached_soc_percent": 75.0},
    {"name": "ATH-1/1", "need_id": 8, "missed_wh": 900.0, "target_soc_percent": 60.0, "reached_soc_percent": 58.0},
]

AFTER = NOW + minutes(120)


@pytest.fixture
def found(area: Area) -> ledger.Ledger:
    told(charging(area.points[0], 7_000), 5_000)
    told(charging(area.points[1], 4_900), 5_000)
    return made(area, area.points, reason="=HYPERLINK(1)")


def made(area: Area, points: list[ChargePoint], **values: Any) -> ledger.Ledger:
    given = order(area, starts_at=NOW, ends_at=NOW + minutes(30), created_at=NOW - minutes(10), **values)
    return ledger.of_order(order=FlexOrder.objects.get(pk=given.pk), charge_points=points, now=AFTER)


def as_json(found: ledger.Ledger) -> str:
    return export.as_json(found, issued_by="dso", now=AFTER)


def as_csv(found: ledger.Ledger) -> str:
    return export.as_csv(found, issued_by="dso", now=AFTER)


def test_the_json_holds_order_rows_summary_and_the_digest_of_their_canonical_form(found: ledger.Ledger) -> None:
    body = json.loads(as_json(found))
    digest = body.pop("sha256")
    body.pop("seal")
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert hashlib.sha256(text.encode()).hexdigest() == digest
    assert body["order"]["order"] == found.order.pk
    assert body["summary"] == {
        "slots_with_session": 4,
        "slots_kept": 2,
        "slots_exceeded": 2,
        "slots_unproven": 0,
        "energy_above_wh": 1_000,
        "silent": [],
        "refused": [],
    }
    row = body["rows"][0]
    assert (row["charge_point"], row["limit_w"], row["measured_w"], row["deviation_w"]) == ("STM-1", 5000, 7000, 2000)
    assert (row["verdict"], row["reason"]) == ("exceeded", "not_followed")
    assert (row["slot_start"], row["local_start"]) == ("2026-11-23T12:00:00Z", "2026-11-23T13:00:00+01:00")


def test_the_csv_ends_with_the_digest_of_the_lines_before_it(found: ledger.Ledger) -> None:
    text = as_csv(found)
    *lines, last = text.splitlines(keepends=True)

    assert last.split()[2] == hashlib.sha256("".join(lines).encode()).hexdigest()
    rows = list(csv.DictReader(StringIO(text)))
    assert [row["measured_w"] for row in rows[:4]] == ["7000", "7000", "4900", "4900"]


@pytest.mark.parametrize("write", [as_json, as_csv])
def test_a_file_as_written_passes(found: ledger.Ledger, write: Any) -> None:
    assert sealing.check(write(found).encode()) == Checked(is_whole=True, is_ours=True)


@pytest.mark.parametrize("write", [as_json, as_csv])
def test_one_changed_figure_is_noticed(found: ledger.Ledger, write: Any) -> None:
    changed = write(found).replace("7000", "4990", 1)

    assert sealing.check(changed.encode()) == Checked(is_whole=False, is_ours=False)


@pytest.mark.parametrize("write", [as_json, as_csv])
def test_whoever_recomputes_the_digest_of_a_changed_file_lacks_the_seal(found: ledger.Ledger, write: Any) -> None:
    with override_settings(SECRET_KEY="somebody else's"):
        forged = write(found)

    assert sealing.check(forged.encode()) == Checked(is_whole=True, is_ours=False)


@pytest.mark.parametrize("content", [b"", b"{}", b"{", b"slot,limit\n1,2\n", b"\xff\xfe", b"[1]"])
def test_other_files_are_no_ledgers(content: bytes) -> None:
    with pytest.raises(sealing.NotALedger):
        sealing.check(content)


def test_no_text_of_a_cell_is_a_formula(area: Area) -> None:
    ChargePoint.objects.filter(pk=area.points[0].pk).update(identity="=1+1")
    place = area.points[0].supply_point.location
    place.name = "@SUM(A1)"
    place.save()
    text = as_csv(made(area, list(ChargePoint.objects.filter(pk=area.points[0].pk)), reason="+1\r\n=2"))

    rows = list(csv.reader(StringIO(text)))
    texts = [cell for row in rows for cell in row if cell and not cell.lstrip("-").isdigit()]
    assert {"'=1+1", "'@SUM(A1)"} <= set(texts)
    assert [cell for cell in texts if cell.startswith(("=", "+", "-", "@"))] == []
    assert ["# order_reason: +1 =2"] in rows


def test_a_sum_stands_above_its_points(area: Area) -> None:
    told(charging(area.points[0], 4_000), 4_000)
    rows = json.loads(as_json(made(area, area.points, scope="together")))["rows"]

    assert [row["row"] for row in rows] == ["all_together"] * 2 + ["charge_point"] * 4
    assert (rows[0]["limit_w"], rows[0]["measured_w"], rows[0]["limit_is_share"]) == (5000, 4000, False)
    assert (rows[2]["limit_w"], rows[2]["limit_is_share"]) == (2500, True)


def accepted(area: Area) -> ledger.Ledger:
    """Of an order on a foreign point as well, with a miss at each."""
    given = order(area, area.points[0], area.foreign, starts_at=NOW, ends_at=NOW + minutes(30), created_at=NOW)
    points = (area.points[0], area.foreign)
    missed = [
        {**one, "charge_point_id": point.pk, "departure_at": (NOW + minutes(60)).isoformat()}
        for one, point in zip(MISSED, points, strict=True)
    ]
    given.acceptances.create(accepted_by=area.dso, accepted_at=NOW + minutes(1), missed=missed)
    return ledger.of_order(order=FlexOrder.objects.get(pk=given.pk), charge_points=area.points[:1], now=AFTER)


def test_who_accepted_what_is_handed_on_as_far_as_the_charge_points_are(area: Area) -> None:
    found = accepted(area)
    body = json.loads(as_json(found))
    assert body["acceptances"] == [
        {
            "accepted_by": area.dso.get_username(),
            "accepted_at": "2026-11-23T12:01:00Z",
            "missed": [
                {
                    "session_at": "STM-1/1",
                    "missed_wh": 2_300,
                    "target_percent": 80,
                    "departure_at": "2026-11-23T13:00:00Z",
                }
            ],
        }
    ]
    text = as_csv(found)
    assert f"# accepted_by: {area.dso.get_username()}, 2026-11-23T12:01:00Z" in text
    assert "# accepted_miss: STM-1/1, 2300 Wh, departure 2026-11-23T13:00:00Z" in text
    assert "ATH-1" not in text
    for content in (as_json(found), text):
        assert sealing.check(content.encode()) == Checked(is_whole=True, is_ours=True)


def test_a_changed_order_and_the_one_in_its_place_name_each_other(area: Area) -> None:
    first = made(area, area.points).order
    second = made(area, area.points, replaces=first).order
    for row, names in ((first, (None, second.pk)), (second, (first.pk, None))):
        again = ledger.of_order(order=FlexOrder.objects.get(pk=row.pk), charge_points=area.points, now=AFTER)
        told_order = json.loads(as_json(again))["order"]
        assert (told_order["replaces"], told_order["replaced_by"]) == names
