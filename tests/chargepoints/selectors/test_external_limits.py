"""What limits from elsewhere leave an EVSE."""

from datetime import timedelta

import pytest

from chargepoints.domain import reports
from chargepoints.domain.charging_profile import Stretch
from chargepoints.selectors.external_limits import external_limit
from chargepoints.services import external_limits
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def tell(evse, *steps, number: int = 1, source: str = "EMS") -> None:
    report = reports.ExternalLimitReported(number, source, NOW - HOUR, None, steps)
    external_limits.limit_reported(charge_point_id=evse.charge_point_id, report=report, now=NOW)


def left(evse, **values):
    return external_limit(evse=evse, start=NOW, end=NOW + HOUR, **values)


def test_without_limits_all_is_left() -> None:
    assert left(factories.evse()) == (Stretch(0, None),)


def test_of_several_limits_the_least_holds_at_each_moment() -> None:
    evse = factories.evse()
    tell(evse, (0, 7_000.0), (3_600 + 900, 3_000.0))
    tell(evse, (0, 5_000.0), source="SO")
    assert left(evse) == (Stretch(0, 5_000.0), Stretch(900, 3_000.0))


def test_a_limit_of_another_evse_is_none_and_one_of_the_charger_is_shared() -> None:
    evse = factories.evse(evses=2)
    tell(evse, (0, 2_000.0), number=2)
    assert left(evse) == (Stretch(0, None),)
    tell(evse, (0, 10_000.0), number=0)
    assert left(evse, shared_by=2) == (Stretch(0, 5_000.0),)
