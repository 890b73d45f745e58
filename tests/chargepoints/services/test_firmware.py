"""Updates of firmware: asked, followed, ended, or closed with a reason."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chargepoints.domain.errors import Refused
from chargepoints.domain.reports import FirmwareProgress
from chargepoints.models import ChargePoint, Command, FirmwareUpdate
from chargepoints.services import commands, firmware
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
URL = "https://firmware.example.org/a.bin"


def at(minute: float) -> datetime:
    return NOW + timedelta(minutes=minute)


@pytest.fixture
def charger() -> ChargePoint:
    charge_point = factories.charge_point()
    ChargePoint.objects.filter(pk=charge_point.pk).update(firmware_version="1.0", connection_key="link")
    charge_point.refresh_from_db()
    return charge_point


def ask(charger: ChargePoint, **values: Any) -> FirmwareUpdate:
    return firmware.ask(charge_point=charger, url=URL, retrieve_at=NOW, now=NOW, **values)


def answer(charger: ChargePoint, *, accepted: bool = True, **answer: str) -> Command:
    command = factories.taken(charger.pk)
    commands.answered(command_id=command.pk, accepted=accepted, answer=answer, now=at(1))
    return command


def tell(charger: ChargePoint, status: str, at_minute: float = 2, request_id: int | None = None) -> None:
    report = FirmwareProgress(status, at(at_minute), request_id)
    firmware.progress(charge_point_id=charger.pk, report=report, now=at(at_minute))


def words(update: FirmwareUpdate) -> list[str]:
    update.refresh_from_db()
    return [word for _, word in update.history]


def test_an_update_is_followed_from_the_question_to_its_end(charger: ChargePoint) -> None:
    update = ask(charger)
    assert (update.status, update.version_before, update.command.kind) == ("Asked", "1.0", "update_firmware")
    answer(charger)
    for minute, status in enumerate(["Downloading", "Downloading", "Downloaded", "Installing", "Installed"], start=2):
        tell(charger, status, minute)
    assert words(update) == ["Accepted", "Downloading", "Downloaded", "Installing", "Installed"]
    assert (update.status, update.status_at, update.is_over, update.ending) == ("Installed", at(6), True, "done")


@pytest.mark.parametrize("status", ["DownloadFailed", "InstallationFailed", "InvalidSignature"])
def test_a_failure_ends_it_and_a_retry_of_the_charger_s_own_takes_it_up_again(
    charger: ChargePoint, status: str
) -> None:
    update = ask(charger)
    tell(charger, status)
    assert words(update) == [status]
    assert update.ending == "failed"
    tell(charger, "Downloading", 3)
    tell(charger, "Installed", 4)
    assert words(update) == [status, "Downloading", "Installed"]
    assert update.ending == "done"


def test_a_status_that_never_ends_is_closed_with_a_reason_and_a_late_word_counts_still(charger: ChargePoint) -> None:
    update = ask(charger)
    answer(charger)
    tell(charger, "Downloading", 10)
    assert firmware.sweep(now=at(10) + timedelta(days=1)) == 0
    assert firmware.sweep(now=at(11) + timedelta(days=1)) == 1
    update.refresh_from_db()
    assert (update.status, update.is_over, update.ending) == ("Downloading", True, "silent")
    assert firmware.sweep(now=at(99) + timedelta(days=1)) == 0
    tell(charger, "Installed", 3_000)
    assert words(update)[-1] == "Installed"
    assert update.ending == "done"


def test_a_charger_that_runs_another_firmware_without_a_word_has_most_likely_updated(charger: ChargePoint) -> None:
    update = ask(charger)
    ChargePoint.objects.filter(pk=charger.pk).update(firmware_version="1.1")
    firmware.sweep(now=NOW + timedelta(days=2))
    update.refresh_from_db()
    assert update.ending == "new_version"


def test_an_update_that_is_planned_for_later_is_not_silent_before_then(charger: ChargePoint) -> None:
    ask(charger, install_at=NOW + timedelta(days=7))
    assert firmware.sweep(now=NOW + timedelta(days=7, hours=23)) == 0
    assert firmware.sweep(now=NOW + timedelta(days=8, hours=1)) == 1


def test_a_refusal_ends_it(charger: ChargePoint) -> None:
    update = ask(charger)
    answer(charger, accepted=False, status="RevokedCertificate")
    update.refresh_from_db()
    assert (update.status, update.ending) == ("RevokedCertificate", "refused")


def test_without_an_answer_it_is_undelivered_until_the_charger_tells_otherwise(charger: ChargePoint) -> None:
    update = ask(charger)
    command = factories.taken(charger.pk)
    commands.timed_out(command_id=command.pk, now=at(1))
    update.refresh_from_db()
    assert (update.is_over, update.ending) == (True, "undelivered")
    tell(charger, "Downloading")
    update.refresh_from_db()
    assert (update.is_over, update.ending) == (False, "")


def test_progress_that_comes_before_the_answer_is_not_undone_by_it(charger: ChargePoint) -> None:
    update = ask(charger)
    tell(charger, "Downloading")
    answer(charger)
    assert words(update) == ["Downloading"]


def test_a_newer_update_replaces_one_that_was_not_sent_and_one_that_runs(charger: ChargePoint) -> None:
    unsent = ask(charger)
    running = ask(charger)
    unsent.refresh_from_db()
    assert (unsent.ending, unsent.command.status) == ("replaced", "superseded")
    answer(charger)
    newest = ask(charger)
    answer(charger, status="AcceptedCanceled")
    for update, ending in ((running, "replaced"), (newest, "")):
        update.refresh_from_db()
        assert update.ending == ending
    tell(charger, "Installed")
    assert words(running) == ["Accepted"]
    assert words(newest) == ["AcceptedCanceled", "Installed"]


def test_a_number_tells_which_update_is_meant(charger: ChargePoint) -> None:
    older = ask(charger, signing_certificate="PEM", signature="c2ln")
    answer(charger, status="Accepted")
    newer = ask(charger, signing_certificate="PEM", signature="c2ln")
    tell(charger, "Downloading", request_id=older.request_id)
    assert words(older) == ["Accepted", "Downloading"]
    assert words(newer) == []


def test_an_update_that_nobody_here_asked_for_is_followed_too(charger: ChargePoint) -> None:
    tell(charger, "Idle")
    assert FirmwareUpdate.objects.count() == 0
    tell(charger, "Downloading", 3)
    tell(charger, "Installed", 4)
    update = FirmwareUpdate.objects.get()
    assert (update.command, update.url, update.ending) == (None, "", "done")
    tell(charger, "Idle", 5)
    update.refresh_from_db()
    assert (update.status, update.ending) == ("Idle", "done")
    tell(charger, "Downloading", 6)
    assert FirmwareUpdate.objects.count() == 2


@pytest.mark.parametrize("url", ["", "a.bin", "file:///etc/passwd", "https://", "https://x.org/" + "a" * 512])
def test_an_address_that_no_charger_can_use_is_refused(charger: ChargePoint, url: str) -> None:
    with pytest.raises(Refused):
        firmware.ask(charge_point=charger, url=url, retrieve_at=NOW, now=NOW)
    assert Command.objects.count() == 0


def test_a_signature_needs_its_certificate(charger: ChargePoint) -> None:
    with pytest.raises(Refused):
        ask(charger, signature="c2ln")
