"""What the meters said."""

from chargepoints.models import MeterValue
from gridops.services import measuring
from tests import factories
from tests.factories import NOW, minutes


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
