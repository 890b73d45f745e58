"""What the meters said."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from chargepoints.models import MeterValue
from gridops.services import measuring
from tests import factories
from tests.factories import NOW, minutes
from tests.gridops.proving import meter


def metered(power_w: float, started: float = 0, ended: float | None = None) -> factories.ChargePoint:
    evse = factories.evse()
    row = factories.transaction(evse, started_at=NOW + minutes(started), ended_at=ended and NOW + minutes(ended))
    MeterValue.objects.create(
        charge_point=evse.charge_point,
        evse_number=1,
        transaction=row,
        at=NOW + minutes(started),
        measurand="Power.Active.Import",
        value=power_w,
        unit="W",
    )
    return evse.charge_point


def test_points_are_added_minute_by_minute(db: None) -> None:
    points = [metered(7000), metered(3000, started=2)]

    assert [value for _at, value in measuring.power(points, NOW, NOW + minutes(3))] == [7000, 7000, 10000, 10000]


def test_an_ended_session_draws_nothing(db: None) -> None:
    point = metered(7000, ended=2)

    assert [value for _at, value in measuring.power([point], NOW, NOW + minutes(3))] == [7000, 7000, 0, 0]


def test_a_value_does_not_hold_for_ever(db: None) -> None:
    curve = dict(measuring.power([metered(7000)], NOW, NOW + minutes(30)))

    assert curve[NOW + minutes(20)] == 7000
    assert curve[NOW + minutes(21)] == 0


def test_what_is_still_to_come_was_not_measured(db: None) -> None:
    assert measuring.power([metered(7000)], NOW, NOW - minutes(1)) == []


def test_energy_back_to_the_grid_lies_below_zero_and_a_register_stands_in_for_power(db: None) -> None:
    given, drawn = factories.charge_point(), factories.charge_point()
    session = factories.transaction(given.evses.get(), started_at=NOW)
    meter(session, [(0, 4_000.0)], "Power.Active.Export")
    meter(factories.transaction(drawn.evses.get(), started_at=NOW), [(0, 0.0), (10, 1_000.0)])

    assert measuring.power([given], NOW, NOW + minutes(1))[0][1] == -4_000
    assert measuring.power([drawn], NOW, NOW + minutes(1))[0][1] == 6_000


def test_more_points_ask_no_more_queries(db: None) -> None:
    points = [metered(7_000) for _ in range(5)]
    counts = []
    for some in (points[:1], points):
        with CaptureQueriesContext(connection) as queries:
            measuring.power(some, NOW, NOW + minutes(30))
        counts.append(len(queries))

    assert counts[0] == counts[1]
