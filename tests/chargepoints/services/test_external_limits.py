"""Limits from elsewhere, and what a charger says it has."""

from datetime import timedelta

import pytest

from chargepoints import events
from chargepoints.domain import reports
from chargepoints.models import ChargePoint, ExternalLimit, ReportedProfile
from chargepoints.services import external_limits
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def tell(charge_point: ChargePoint, limit_w: float, *, evse_number: int = 1, source: str = "EMS", now=NOW) -> None:
    report = reports.ExternalLimitReported(evse_number, source, now, False, ((0, limit_w),))
    external_limits.limit_reported(charge_point_id=charge_point.pk, report=report, now=now)


def clear(charge_point: ChargePoint, *, evse_number: int = 1, source: str = "EMS") -> None:
    report = reports.ExternalLimitCleared(evse_number, source)
    external_limits.limit_cleared(charge_point_id=charge_point.pk, report=report, now=NOW + HOUR)


def in_force() -> list[list[list[float]]]:
    return [row.periods for row in ExternalLimit.objects.filter(cleared_at=None).order_by("pk")]


def test_a_newer_limit_of_a_source_replaces_its_older_one_and_no_other() -> None:
    charge_point = factories.charge_point(evses=2)
    tell(charge_point, 7_000)
    tell(charge_point, 9_000, source="SO")
    tell(charge_point, 8_000, evse_number=2)
    tell(charge_point, 5_000, now=NOW + HOUR)
    assert in_force() == [[[0, 9_000]], [[0, 8_000]], [[0, 5_000]]]


def test_a_cleared_limit_holds_no_more_and_stays_in_the_record() -> None:
    charge_point = factories.charge_point()
    tell(charge_point, 7_000)
    clear(charge_point, source="SO")
    assert in_force() == [[[0, 7_000]]]
    clear(charge_point)
    assert in_force() == []
    assert ExternalLimit.objects.get().cleared_at == NOW + HOUR


def test_a_limit_for_an_unknown_evse_holds_for_the_whole_charger() -> None:
    tell(factories.charge_point(), 7_000, evse_number=42)
    assert ExternalLimit.objects.get().evse is None


def test_the_floors_above_hear_of_each_change_and_of_nothing_else(django_capture_on_commit_callbacks) -> None:
    charge_point, heard = factories.charge_point(), []

    def listen(charge_point_id: int, **kwargs: object) -> None:
        heard.append(charge_point_id)

    events.external_limit_changed.connect(listen)
    with django_capture_on_commit_callbacks(execute=True):
        clear(charge_point)
        assert heard == []
        tell(charge_point, 7_000)
    with django_capture_on_commit_callbacks(execute=True):
        clear(charge_point)
    assert heard == [charge_point.pk, charge_point.pk]


def report(charge_point: ChargePoint, request_id: int, *profiles: dict[str, object], evse_number: int = 1) -> None:
    said = reports.ProfilesReported(request_id, evse_number, "CSO", profiles)
    external_limits.profiles_reported(charge_point_id=charge_point.pk, report=said, now=NOW)


def profile(profile_id: int) -> dict[str, object]:
    return {"id": profile_id, "stackLevel": 1, "chargingProfilePurpose": "TxProfile"}


def test_the_parts_of_a_report_add_up_and_a_repeated_one_counts_once() -> None:
    charge_point = factories.charge_point()
    report(charge_point, 5, profile(1), profile(101))
    report(charge_point, 5, profile(101))
    report(charge_point, 5, profile(1), evse_number=0)
    kept = ReportedProfile.objects.values_list("evse_number", "profile_id", "purpose", "payload__stackLevel")
    assert list(kept) == [(0, 1, "TxProfile", 1), (1, 1, "TxProfile", 1), (1, 101, "TxProfile", 1)]


def test_a_newer_report_takes_the_place_of_the_older_one() -> None:
    charge_point = factories.charge_point()
    report(charge_point, 5, profile(1))
    report(charge_point, 6, profile(2), {"id": "odd"})
    assert list(ReportedProfile.objects.values_list("profile_id", flat=True)) == [0, 2]
