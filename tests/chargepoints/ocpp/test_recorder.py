"""One writer for the reports of many links."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from chargepoints.domain import reports
from chargepoints.domain.status import ConnectorStatus
from chargepoints.ocpp import database, recorder
from chargepoints.services import recording
from chargepoints.services.recording import NOT_ORDINARY, Fact

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def status(number: int = 1) -> reports.StatusReported:
    return reports.StatusReported(number, 1, ConnectorStatus.AVAILABLE, NOW)


class Database:
    """Takes batches, one after the other, each when it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.alone: list[int] = []
        self.may_go_on = asyncio.Event()
        self.error: Exception | None = None
        self.odd: set[int] = set()

    async def run_batch(self, function: Any, facts: list[Fact]) -> list[Any]:
        assert function is recording.store
        self.batches.append([fact.charge_point_id for fact in facts])
        await self.may_go_on.wait()
        if self.error:
            raise self.error
        return [NOT_ORDINARY if pk in self.odd else f"together {pk}" for pk in self.batches[-1]]

    async def run(self, service: Any, *, charge_point_id: int, **report: Any) -> str:
        self.alone.append(charge_point_id)
        return f"alone {charge_point_id}"


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Database:
    made = Database()
    monkeypatch.setattr(database, "run_batch", made.run_batch)
    monkeypatch.setattr(database, "run", made.run)
    monkeypatch.setattr(recording, "may_be_ordinary", lambda report: True)
    return made


def tell(*chargers: int) -> list["asyncio.Task[Any]"]:
    return [asyncio.create_task(recorder.run(print, charge_point_id=pk, report=status(), now=NOW)) for pk in chargers]


async def until(condition: Any) -> None:
    while not condition():
        await asyncio.sleep(0)


async def test_what_comes_while_a_batch_is_written_makes_the_next(rows: Database) -> None:
    first = tell(1)
    await until(lambda: rows.batches)
    rest = tell(2, 3, 4)
    await asyncio.sleep(0)
    assert rows.batches == [[1]]
    rows.may_go_on.set()
    assert await asyncio.gather(*first, *rest) == ["together 1", "together 2", "together 3", "together 4"]
    assert rows.batches == [[1], [2, 3, 4]]


async def test_a_charger_with_two_links_has_one_report_in_a_batch_and_keeps_its_order(rows: Database) -> None:
    rows.may_go_on.set()
    await asyncio.gather(*tell(1, 2, 1, 1, 3))
    assert rows.batches == [[1, 2, 3], [1], [1]]


async def test_what_is_not_ordinary_is_taken_by_itself(rows: Database) -> None:
    rows.may_go_on.set()
    rows.odd = {2}
    assert await asyncio.gather(*tell(1, 2)) == ["together 1", "alone 2"]
    assert rows.alone == [2]


async def test_a_batch_that_fails_is_taken_one_by_one(rows: Database) -> None:
    rows.may_go_on.set()
    rows.error = RuntimeError("away")
    assert await asyncio.gather(*tell(1, 2)) == ["alone 1", "alone 2"]
    rows.error = None
    assert await asyncio.gather(*tell(3)) == ["together 3"]


async def test_a_link_that_is_cut_while_it_waits_stops_nobody(rows: Database) -> None:
    gone, stays = tell(1, 2)
    await until(lambda: rows.batches)
    gone.cancel()
    rows.may_go_on.set()
    assert await stays == "together 2"


async def test_a_batch_is_no_larger_than_the_database_takes_at_once(
    rows: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "_MOST", 2)
    rows.may_go_on.set()
    await asyncio.gather(*tell(1, 2, 3))
    assert rows.batches == [[1, 2], [3]]


def test_a_report_that_tells_more_than_is_understood_is_not_ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording.connection, "vendor", "postgresql", raising=False)
    plain = reports.TransactionUpdated("tx", 1, NOW)
    assert recording.may_be_ordinary(plain)
    assert not recording.may_be_ordinary(reports.TransactionUpdated("tx", 1, NOW, remote_start_id=7))
    assert not recording.may_be_ordinary(
        reports.TransactionUpdated("tx", 1, NOW, token=reports.TokenPresented("DEADBEEF"))
    )
    assert not recording.may_be_ordinary(reports.LocalListVersionReported(1))
