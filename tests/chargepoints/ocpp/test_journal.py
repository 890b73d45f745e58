"""The log of frames: whole, in one statement, and never without end."""

from datetime import UTC, datetime
from typing import Any

import pytest

from chargepoints.models import OcppMessage
from chargepoints.ocpp import database, journal, rpc
from chargepoints.ocpp.journal import Journal
from chargepoints.services import messages
from chargepoints.services.messages import Entry
from tests import factories

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
pytestmark = pytest.mark.database


def entry(charge_point_id: int, payload: Any, *, message_id: str = "1", action: str = "Heartbeat") -> Entry:
    return Entry(charge_point_id, NOW, "in", 2, message_id, action, rpc.text_of(payload))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "payload",
    [
        {},
        [],
        "text",
        {"info": 'a "quoted" back\\slash, tab\t, line\nand \\n, \\. and é ☃ 😀'},
        {"number": 12.5, "list": [1, None, True], "id": "\\N"},
    ],
)
def test_a_frame_is_kept_as_it_was(payload: Any) -> None:
    point = factories.charge_point()
    messages.store([entry(point.pk, payload)])
    row = OcppMessage.objects.get()
    assert row.payload == payload
    assert (row.charge_point, row.at, row.direction, row.message_type) == (point, NOW, "in", 2)
    assert (row.message_id, row.action, row.transaction) == ("1", "Heartbeat", None)


@pytest.mark.django_db
@pytest.mark.parametrize("odd", ["a\tb", "a\nb\r", "\\.", "\\N", "back\\slash", ""])
def test_an_odd_id_or_action_is_no_end_of_a_row(odd: str) -> None:
    point = factories.charge_point()
    messages.store([entry(point.pk, {}, message_id=odd, action=odd), entry(point.pk, {"second": 1})])
    assert list(OcppMessage.objects.order_by("pk").values_list("message_id", "action")) == [
        (odd, odd),
        ("1", "Heartbeat"),
    ]


@pytest.mark.django_db(transaction=True)
async def test_a_charger_that_was_deleted_costs_the_others_nothing() -> None:
    point = await database.run(factories.charge_point)
    log = Journal()
    for owner in (point.pk, point.pk + 1, point.pk):
        log.add(entry(owner, {}))
    await log.flush()
    assert await database.run(OcppMessage.objects.filter(charge_point=point).count) == 2


@pytest.mark.django_db(transaction=True)
async def test_more_than_one_statement_takes_is_stored_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "FULL", 3)
    point = await database.run(factories.charge_point)
    log = Journal()
    for number in range(8):
        log.add(entry(point.pk, {"number": number}))
    await log.flush()
    kept = await database.run(lambda: list(OcppMessage.objects.order_by("pk").values_list("payload", flat=True)))
    assert kept == [{"number": number} for number in range(8)]


async def test_a_database_that_is_away_costs_the_oldest_frames_and_not_the_memory(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stored: list[str] = []

    async def store(entries: Any) -> None:
        stored.extend(one.message_id for one in entries)

    monkeypatch.setattr(journal, "_store", store)
    monkeypatch.setattr(journal, "MOST_WAITING_BYTES", 10 * (journal._ROW_BYTES + 2))
    log = Journal()
    for number in range(15):
        log.add(entry(1, {}, message_id=str(number)))
    await log.flush()
    assert stored == [str(number) for number in range(5, 15)]
    assert [record.__dict__["frames"] for record in caplog.records] == [5]


async def test_frames_that_come_while_others_are_stored_are_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    stored: list[str] = []
    log = Journal()

    async def store(entries: Any) -> None:
        if not stored:
            log.add(entry(1, {}, message_id="late"))
        stored.extend(one.message_id for one in entries)

    monkeypatch.setattr(journal, "_store", store)
    log.add(entry(1, {}, message_id="early"))
    await log.flush()
    assert stored == ["early", "late"]


def test_passwords_are_not_kept() -> None:
    secret = {"key": "AuthorizationKey", "value": "s3cret"}
    assert journal.storable(secret, 60) == {"key": "AuthorizationKey", "value": "***"}
