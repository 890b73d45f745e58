"""After a power cut hundreds of chargers start at once; after a cut line they tell at once what they kept."""

import asyncio
import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.urls import re_path

from chargepoints.models import ChargePoint, MeterValue, Transaction
from chargepoints.ocpp import database
from chargepoints.ocpp.consumer import ChargerConsumer
from tests.factories import NOW
from tests.load.ocpp_bench import frames, names, stories, world
from tests.load.ocpp_bench.frames import TRANSACTION, Step

pytestmark = pytest.mark.django_db(transaction=True)
WITH_BACKLOG = 25
# Nothing is measured here: whoever waits longer waits for ever.
PATIENCE_S = 300


class Caller:
    """A charger that says its steps one after the other."""

    def __init__(self, number: int, version: str) -> None:
        login = base64.b64encode(f"{names.identity(number)}:{names.SECRET}".encode())
        self.socket = WebsocketCommunicator(
            URLRouter([re_path(r"^ocpp/(?P<identity>.+)$", ChargerConsumer.as_asgi(clock=lambda: NOW))]),
            f"/ocpp/{names.identity(number)}",
            headers=[(b"authorization", b"Basic " + login)],
            subprotocols=[frames.subprotocol(version)],
        )
        self.transactions: list[int] = []
        self._sent = 0

    async def connect(self) -> None:
        accepted, _ = await self.socket.connect(timeout=PATIENCE_S)
        assert accepted

    async def say(self, step: Step) -> str:
        """The verdict in the answer: a status, or the code of an error."""
        self._sent += 1
        rest = step.rest.replace(TRANSACTION, str(self.transactions[-1] if self.transactions else 0))
        await self.socket.send_to(text_data=f'[2,"{self._sent}{rest}')
        answer = await self._answer()
        if answer[0] == 4:
            return str(answer[2])
        if "transactionId" in answer[2]:
            self.transactions.append(answer[2]["transactionId"])
        verdict = answer[2].get("idTagInfo") or answer[2].get("idTokenInfo") or answer[2]
        return str(verdict.get("status", ""))

    async def _answer(self) -> list[Any]:
        """What the server asks meanwhile is agreed to."""
        while True:
            frame = json.loads(await self.socket.receive_from(timeout=PATIENCE_S))
            if frame[0] != 2:
                return list(frame)
            await self.socket.send_to(text_data=json.dumps([3, frame[1], {"status": "Accepted"}]))


@pytest.fixture
def pool_of(settings: Any) -> Iterator[Callable[[int], None]]:
    """Gives all chargers together that many connections to the database."""

    def sized(connections: int) -> None:
        settings.OCPP_DATABASE_THREADS = connections
        database._pool.cache_clear()

    yield sized
    database._pool.cache_clear()


@asynccontextmanager
async def connected(version: str, count: int) -> AsyncIterator[list[Caller]]:
    await database.run(world.register, count)
    callers = [Caller(number, version) for number in range(count)]
    await asyncio.gather(*(one.connect() for one in callers))
    try:
        yield callers
    finally:
        await asyncio.gather(*(one.socket.disconnect(timeout=PATIENCE_S) for one in callers))


@pytest.mark.parametrize(("version", "count", "connections"), [("1.6", 500, 2), ("2.0.1", 100, 1)])
async def test_hundreds_start_at_once_and_a_small_pool_answers_them_all(
    version: str, count: int, connections: int, pool_of: Callable[[int], None]
) -> None:
    pool_of(connections)
    starts = [stories.burst(version, number, NOW).steps[-1] for number in range(count)]
    async with connected(version, count) as callers:
        verdicts = await asyncio.gather(*(one.say(start) for one, start in zip(callers, starts, strict=True)))
        running = await database.run(_running)
    assert Counter(verdicts) == {"Accepted": count}
    assert running == {
        names.identity(number): (names.token(number), 10_000.0 * number + 6_000) for number in range(count)
    }
    given = [number for one in callers for number in one.transactions]
    assert len(set(given)) == (count if version == "1.6" else 0)


def _running() -> dict[str, tuple[str, float | None]]:
    """Card and meter at the start of what runs, by charger; there is one each."""
    rows = Transaction.objects.filter(state=Transaction.State.ACTIVE, flaw="")
    told = rows.values_list("charge_point__identity", "id_token__token", "meter_start_wh")
    assert len(told) == Transaction.objects.count()
    return {identity: (token, meter_start_wh) for identity, token, meter_start_wh in told}


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a_backlog_that_all_deliver_at_once_is_stored_whole_and_nothing_of_it_twice(version: str) -> None:
    kept = [stories.backlog(version, number, NOW).steps for number in range(WITH_BACKLOG)]
    async with connected(version, WITH_BACKLOG) as callers:
        verdicts = await asyncio.gather(*(_tell(one, steps) for one, steps in zip(callers, kept, strict=True)))
        await database.run(world.check_backlog, WITH_BACKLOG)
        sessions = await database.run(_sessions)
    assert {verdict for told in verdicts for verdict in told} <= {"Accepted", ""}
    begins = [NOW - timedelta(minutes=58), NOW - timedelta(minutes=28)]
    assert sessions == {
        (names.identity(number), began_at, began_at + timedelta(minutes=frames.METER_VALUES), float(frames.ENERGY_WH))
        for number in range(WITH_BACKLOG)
        for began_at in begins
    }
    # A start that was told twice was answered twice alike.
    assert all(len(set(one.transactions)) == (2 if version == "1.6" else 0) for one in callers)


async def _tell(caller: Caller, steps: Sequence[Step]) -> list[str]:
    return [await caller.say(step) for step in steps]


def _sessions() -> set[tuple[Any, ...]]:
    assert MeterValue.objects.exclude(flaw="").count() == 0
    assert ChargePoint.objects.filter(transactions__isnull=True).count() == 0
    return set(Transaction.objects.values_list("charge_point__identity", "started_at", "ended_at", "energy_wh"))
