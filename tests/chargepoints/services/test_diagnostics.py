"""Logs that chargers upload, and what they report of attempts on them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chargepoints.domain.errors import Refused
from chargepoints.domain.reports import LogNamed, LogProgress, SecurityEventReported
from chargepoints.models import ChargePoint, LogUpload, SecurityEvent
from chargepoints.services import answers, commands, diagnostics
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def at(minute: float) -> datetime:
    return NOW + timedelta(minutes=minute)


@pytest.fixture
def charger() -> ChargePoint:
    charge_point = factories.charge_point()
    ChargePoint.objects.filter(pk=charge_point.pk).update(connection_key="link")
    return charge_point


def ask(charger: ChargePoint, log: str = "diagnostics", **values: Any) -> LogUpload:
    return diagnostics.ask_log(charge_point=charger, log=log, url="ftp://logs.example.org/", now=NOW, **values)


def answer(charger: ChargePoint, file_name: str | None = None, *, accepted: bool = True, **answer: str) -> None:
    command = factories.taken(charger.pk)
    commands.answered(command_id=command.pk, accepted=accepted, answer=answer, now=at(1))
    if file_name is not None:
        answers.keep(command=command, report=LogNamed(file_name), now=at(1))


def tell(charger: ChargePoint, status: str, request_id: int | None = None) -> None:
    report = LogProgress(status, at(2), request_id)
    diagnostics.progress(charge_point_id=charger.pk, report=report, now=at(2))


def state(upload: LogUpload) -> tuple[str, bool, str]:
    upload.refresh_from_db()
    return upload.status, upload.is_over, upload.ending


def test_an_upload_is_followed_and_its_file_known(charger: ChargePoint) -> None:
    upload = ask(charger)
    answer(charger, "log-1.zip")
    tell(charger, "Uploading")
    assert state(upload) == ("Uploading", False, "")
    tell(charger, "Uploaded")
    assert state(upload) == ("Uploaded", True, "done")
    assert (upload.file_name, [word for _, word in upload.history]) == (
        "log-1.zip",
        ["Accepted", "Uploading", "Uploaded"],
    )


def test_a_charger_with_nothing_to_upload_is_done(charger: ChargePoint) -> None:
    upload = ask(charger)
    answer(charger, "")
    assert state(upload) == ("Accepted", True, "done")


@pytest.mark.parametrize("status", ["UploadFailed", "UploadFailure", "PermissionDenied", "BadMessage"])
def test_a_failed_upload_ends_so(charger: ChargePoint, status: str) -> None:
    upload = ask(charger)
    answer(charger, "log.zip")
    tell(charger, status)
    assert state(upload) == (status, True, "failed")


def test_a_second_request_replaces_the_first(charger: ChargePoint) -> None:
    first = ask(charger, "security")
    answer(charger, "a.log", status="Accepted")
    second = ask(charger, "security")
    answer(charger, "b.log", status="AcceptedCanceled")
    assert state(first)[1:] == (True, "replaced")
    tell(charger, "Uploaded", second.request_id)
    assert state(second)[1:] == (True, "done")
    tell(charger, "Uploaded", 12_345)  # of nobody here
    assert state(first)[1:] == (True, "replaced")


def test_a_refusal_and_a_silence_end_it(charger: ChargePoint) -> None:
    refused = ask(charger, "security")
    answer(charger, accepted=False, status="Rejected")
    assert state(refused) == ("Rejected", True, "refused")
    silent = ask(charger)
    answer(charger, "log.zip")
    assert diagnostics.sweep(now=at(1) + timedelta(hours=6)) == 0
    assert diagnostics.sweep(now=at(2) + timedelta(hours=6)) == 1
    assert state(silent)[1:] == (True, "silent")


def test_an_upload_asked_for_by_nobody_and_an_address_that_is_none(charger: ChargePoint) -> None:
    tell(charger, "Uploading")
    assert LogUpload.objects.count() == 0
    with pytest.raises(Refused):
        diagnostics.ask_log(charge_point=charger, log="security", url="x", now=NOW)


@pytest.mark.parametrize(("event", "critical"), [("TamperDetectionActivated", True), ("InvalidTLSVersion", False)])
def test_a_security_event_is_kept_once(charger: ChargePoint, event: str, critical: bool) -> None:
    report = SecurityEventReported(event, at(-5), "port 2")
    for _ in range(2):
        diagnostics.keep_event(charge_point_id=charger.pk, report=report, now=NOW)
    row = SecurityEvent.objects.get()
    assert (row.type, row.info, row.at, row.is_critical, row.received_at) == (
        event,
        "port 2",
        at(-5),
        critical,
        NOW,
    )


def test_an_event_of_a_clock_that_is_not_set_happened_now(charger: ChargePoint) -> None:
    report = SecurityEventReported("SettingSystemTime", datetime(1970, 1, 1, tzinfo=UTC))
    diagnostics.keep_event(charge_point_id=charger.pk, report=report, now=NOW)
    assert SecurityEvent.objects.get().at == NOW
