"""The ledger of an order: ordered, commanded, accepted, measured, and why."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from chargepoints.models import ChargePoint
from gridops.services import ledger
from gridops.services.ledger import Answer, Ledger, Reason, Row, Verdict
from smac.models import FlexOrder
from tests import factories
from tests.factories import NOW, minutes
from tests.gridops.conftest import Area, order
from tests.gridops.proving import EXPORT, charging, gone, meter, read_back, told

AFTER = NOW + timedelta(hours=2)


def hour(area: Area, *points: ChargePoint, **values: Any) -> FlexOrder:
    """An order for each of an hour from NOW on, given in time."""
    usual = {"starts_at": NOW, "ends_at": NOW + minutes(60), "created_at": NOW - minutes(10)}
    return order(area, *(points or (area.points[0],)), **{**usual, **values})


def book(found: FlexOrder, now: Any = AFTER) -> Ledger:
    return ledger.of_order(order=found, charge_points=found.charge_points.order_by("identity"), now=now)


def rows(found: FlexOrder, now: Any = AFTER) -> list[Row]:
    [only] = book(found, now).books
    return only.rows


def test_an_obedient_charger_keeps_every_slot(area: Area) -> None:
    session = charging(area.points[0], 4_900)
    told(session, 5_000)
    read_back(session, 5_000)
    found = book(hour(area))

    assert [row.span.start for row in found.books[0].rows] == [NOW + minutes(15 * index) for index in range(4)]
    row = found.books[0].rows[1]
    assert (row.band.most_w, row.commanded_w, row.accepted_w, row.read_back_w) == (5_000, 5_000, 5_000, 5_000)
    assert (round(row.measured_w or 0), row.covered_percent, row.deviation_w) == (4_900, 100, 0)
    assert (row.answer, row.verdict, row.reason) == (Answer.ACCEPTED, Verdict.KEPT, Reason.NONE)
    assert (found.share_percent, found.kept, found.excess_wh, found.silent, found.refused) == (100, 4, 0, [], [])


def test_a_charger_that_took_the_limit_and_goes_on_is_told_with_its_energy(area: Area) -> None:
    told(charging(area.points[0], 7_000), 5_000)
    found = book(hour(area))

    assert {(row.verdict, row.reason, round(row.deviation_w)) for row in found.books[0].rows} == {
        (Verdict.EXCEEDED, Reason.NOT_FOLLOWED, 2_000)
    }
    assert round(found.excess_wh) == 2_000
    assert found.share_percent == 0


def test_a_refusing_charger_is_named(area: Area) -> None:
    told(charging(area.points[0], 11_000), 5_000, status="rejected")
    found = book(hour(area))

    assert {row.reason for row in found.books[0].rows} == {Reason.REFUSED}
    assert [one.point for one in found.refused] == [area.points[0]]
    assert found.books[0].rows[0].accepted_w is None


def test_a_charger_that_answers_nothing_is_silent(area: Area) -> None:
    told(charging(area.points[0], 11_000), 5_000, status="timed_out")
    found = book(hour(area))

    assert {(row.answer, row.reason) for row in found.books[0].rows} == {(Answer.NO_ANSWER, Reason.NO_ANSWER)}
    assert [one.point for one in found.silent] == [area.points[0]]


def test_a_charger_without_a_connection_is_silent_and_nothing_is_proven_of_it(area: Area) -> None:
    told(charging(area.points[0], 11_000, until=-30), 5_000, status="expired")
    gone(area.points[0])
    found = book(hour(area))

    assert {(row.answer, row.verdict, row.reason, row.measured_w) for row in found.books[0].rows} == {
        (Answer.NOT_REACHED, Verdict.UNPROVEN, Reason.OFFLINE, None)
    }
    assert (found.share_percent, found.unproven) == (0, 4)


def test_a_limit_that_waited_until_a_newer_one_took_its_place_did_not_arrive(area: Area) -> None:
    session = charging(area.points[0], 11_000)
    told(session, 5_000, status="superseded")
    told(session, 5_000, at=16, status="queued")

    assert [row.answer for row in rows(hour(area))] == [Answer.NOT_REACHED] * 4


def test_a_session_without_meter_values_proves_nothing(area: Area) -> None:
    told(charging(area.points[0], 11_000, until=-30), 5_000)

    assert {(row.verdict, row.reason) for row in rows(hour(area))} == {(Verdict.UNPROVEN, Reason.NOT_METERED)}


def test_a_charger_that_cannot_be_limited_says_so(area: Area) -> None:
    ChargePoint.objects.filter(pk=area.points[0].pk).update(can_limit=False)
    told(charging(area.points[0], 11_000), 5_000)

    assert {row.reason for row in rows(hour(area))} == {Reason.UNABLE}


def test_below_the_least_current_the_reason_is_that(area: Area) -> None:
    told(charging(area.points[0], 4_140), 4_140)

    assert {row.reason for row in rows(hour(area, max_power_w=2_000))} == {Reason.MINIMUM_CURRENT}


def test_what_was_planned_above_the_limit_is_not_the_chargers_fault(area: Area) -> None:
    told(charging(area.points[0], 7_000), 7_000)

    assert {row.reason for row in rows(hour(area))} == {Reason.PLANNED_ABOVE}


def test_within_the_floor_the_limit_is_kept(area: Area) -> None:
    told(charging(area.points[0], 4_100), 4_200)

    found = {(row.band.most_w, row.verdict, row.reason) for row in rows(hour(area, max_power_w=2_000, floor_w=4_200))}
    assert found == {(4_200, Verdict.KEPT, Reason.WITHIN_FLOOR)}


def test_where_nobody_charges_there_is_nothing_to_keep(area: Area) -> None:
    found = book(hour(area))

    assert {(row.verdict, row.reason) for row in found.books[0].rows} == {(Verdict.IDLE, Reason.NO_SESSION)}
    assert found.share_percent is None


def test_a_session_that_begins_or_ends_in_a_slot_counts_for_what_it_drew(area: Area) -> None:
    charging(area.points[0], 6_000, start=5, until=20, ended_at=NOW + minutes(20))
    found = rows(hour(area))

    assert [round(row.measured_w or 0) for row in found] == [4_000, 2_000, 0, 0]
    assert [row.verdict for row in found] == [Verdict.KEPT, Verdict.KEPT, Verdict.IDLE, Verdict.IDLE]


def test_energy_given_back_counts_against_the_limit_to_the_grid(area: Area) -> None:
    point = factories.charge_point(max_discharge_w=10_000)
    area.group.charge_points.add(point)
    session = charging(point, 0)
    meter(session, [(minute, 4_000 * (minute + 60) / 60) for minute in range(-60, 121, 5)], EXPORT)
    told(session, -4_000)

    assert [round(row.deviation_w) for row in rows(hour(area, point))] == [-4_000] * 4
    kept = rows(hour(area, point, v2g=True, max_export_w=4_000))
    assert {(row.verdict, round(row.measured_w or 0)) for row in kept} == {(Verdict.KEPT, -4_000)}


def test_power_values_count_where_there_is_no_register(area: Area) -> None:
    session = factories.transaction(area.points[0].evses.get(), started_at=NOW - minutes(60))
    meter(session, [(-10, 9_000.0), (5, 3_000.0), (20, 3_000.0), (35, 3_000.0)], "Power.Active.Import")
    found = rows(hour(area))

    # The last value holds for twenty minutes, ten of them in the last slot.
    assert [round(row.measured_w or 0) for row in found] == [5_000, 3_000, 3_000, 3_000]
    assert [row.covered_percent for row in found] == [100, 100, 100, 67]


def test_the_newest_limit_leads_from_its_arrival_on(area: Area) -> None:
    session = charging(area.points[0], 5_000)
    told(session, 11_000, at=-60)
    told(session, 5_000, at=20)
    read_back(session, 11_000, at=-50)
    found = rows(hour(area))

    assert [row.commanded_w and round(row.commanded_w) for row in found] == [11_000, 7_000, 5_000, 5_000]
    assert [row.read_back_w for row in found] == [11_000, None, None, None]


def test_without_a_plan_of_its_own_the_safe_default_holds(area: Area) -> None:
    session = charging(area.points[0], 4_200)
    told(session, 4_200, at=-300, transaction=None, evse_id=None, purpose="tx_default")

    assert {(row.commanded_w, row.answer) for row in rows(hour(area))} == {(4_200, Answer.ACCEPTED)}


def test_the_slot_under_way_is_shown_and_not_counted(area: Area) -> None:
    told(charging(area.points[0], 4_900), 5_000)
    found = book(hour(area), NOW + minutes(20))

    assert [row.verdict for row in found.books[0].rows] == [Verdict.KEPT, Verdict.RUNNING]
    assert round(found.books[0].rows[1].measured_w or 0) == 4_900
    assert (len(found.counted), found.is_running) == (1, True)


def test_an_order_that_begins_as_it_is_given_has_a_minute_to_arrive(area: Area) -> None:
    found = rows(hour(area, starts_at=NOW + minutes(2), created_at=NOW + minutes(2.5)))

    assert found[0].span.start == NOW + minutes(3.5)
    assert found[1].span.start == NOW + minutes(15)


def test_a_withdrawn_order_is_judged_until_then(area: Area) -> None:
    found = rows(hour(area, withdrawn_at=NOW + minutes(20)))

    assert [row.span.end for row in found] == [NOW + minutes(15), NOW + minutes(20)]


def test_a_limit_for_all_together_is_judged_by_the_sum(area: Area) -> None:
    for point, power_w in zip(area.points, (4_000, 500), strict=True):
        told(charging(point, power_w), 5_000)
    found = book(hour(area, *area.points, scope="together"))

    assert [(round(one.measured_w or 0), one.verdict) for one in found.sums] == [(4_500, Verdict.KEPT)] * 4
    assert len(found.counted) == 4
    assert {one.rows[0].band.most_w for one in found.books} == {2_500}
    by_name = {one.point.identity: one.rows[0] for one in found.books}
    assert (by_name["STM-1"].verdict, by_name["STM-1"].reason) == (Verdict.KEPT, Reason.WITHIN_SUM)


def test_above_the_sum_those_above_their_share_are_named(area: Area) -> None:
    for point, power_w in zip(area.points, (6_000, 500), strict=True):
        told(charging(point, power_w), 2_500)
    found = book(hour(area, *area.points, scope="together"))

    assert [(round(one.deviation_w), one.verdict) for one in found.sums] == [(1_500, Verdict.EXCEEDED)] * 4
    assert round(found.excess_wh) == 1_500
    assert [(one.point.identity, one.rows[0].verdict) for one in found.books] == [
        ("STM-1", Verdict.EXCEEDED),
        ("STM-2", Verdict.KEPT),
    ]


def test_who_did_as_told_is_not_blamed_for_a_sum_that_a_silent_one_exceeds(area: Area) -> None:
    told(charging(area.points[0], 6_000), 2_500, status="timed_out")
    told(charging(area.points[1], 2_900), 3_000)
    found = book(hour(area, *area.points, scope="together"))

    silent, obedient = found.books
    assert {(row.verdict, row.reason) for row in silent.rows} == {(Verdict.EXCEEDED, Reason.NO_ANSWER)}
    assert {(row.verdict, row.reason) for row in obedient.rows} == {(Verdict.KEPT, Reason.AS_TOLD)}
    assert (found.share_percent, obedient.reasons) == (0, [])


def test_of_a_sum_with_foreign_points_the_own_part_is_judged(area: Area) -> None:
    for point in (*area.points, area.foreign):
        told(charging(point, 2_000), 2_000)
    shared = hour(area, *area.points, area.foreign, scope="together", max_power_w=6_000)
    found = ledger.of_order(order=shared, charge_points=area.points, now=AFTER)

    assert round(found.share, 3) == 0.667
    assert [(round(one.band.most_w or 0), round(one.measured_w or 0)) for one in found.sums] == [(4_000, 4_000)] * 4
    assert {one.point for one in found.books} == set(area.points)


def test_a_limit_on_the_connection_is_not_proven_by_vehicles_alone(area: Area) -> None:
    told(charging(area.points[0], 2_000), 2_000)

    assert {(row.verdict, row.reason) for row in rows(hour(area, scope="supply"))} == {
        (Verdict.UNPROVEN, Reason.CONNECTION)
    }


def test_of_many_chargers_the_silent_and_the_refusing_are_told_by_name_and_stand_first(area: Area) -> None:
    supply = area.points[0].supply_point
    crowd = [factories.charge_point(at=supply, identity=f"CP-{number:02d}") for number in range(20)]
    for point in crowd:
        status = {"CP-07": "timed_out", "CP-13": "rejected"}.get(point.identity, "accepted")
        told(charging(point, 4_900 if status == "accepted" else 11_000, every=15), 5_000, status=status)
    found = book(hour(area, *crowd))

    assert [one.point.identity for one in found.silent] == ["CP-07"]
    assert [one.point.identity for one in found.refused] == ["CP-13"]
    assert {one.point.identity for one in found.books[:2]} == {"CP-07", "CP-13"}
    assert (found.share_percent, found.kept, found.exceeded) == (90, 72, 8)


def test_more_points_and_slots_ask_no_more_queries(area: Area) -> None:
    for point in area.points:
        told(charging(point, 4_900, every=15), 5_000)
    few, many = hour(area), hour(area, *area.points, ends_at=NOW + minutes(120))
    counts = []
    for found, points in ((few, area.points[:1]), (many, area.points)):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            ledger.of_order(order=found, charge_points=points, now=AFTER)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 8
