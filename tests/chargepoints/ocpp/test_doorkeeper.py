"""What those who are turned away may cost, and that nobody can lock out a charger that knows its secret."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chargepoints.ocpp import doorkeeper
from chargepoints.ocpp.doorkeeper import Doorkeeper, TooMany
from chargepoints.services.security import Knock, Refusal

CHARGER: Any = object()
ADDRESS = "192.0.2.1"


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Book:
    """What a look-up finds, and how often it was asked."""

    def __init__(self) -> None:
        self.looks = 0
        self.busy = self.most_at_once = 0

    def finding(self, answer: Any) -> Callable[[], Awaitable[Any]]:
        async def look() -> Any:
            self.looks += 1
            self.busy += 1
            self.most_at_once = max(self.busy, self.most_at_once)
            await asyncio.sleep(0)
            self.busy -= 1
            return answer

        return look


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keeper(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Doorkeeper:
    monkeypatch.setattr(doorkeeper, "PAUSE_S", 0)
    return Doorkeeper(clock)


def knock(secret: str = "wrong", identity: str = "CP 1") -> Knock:
    return Knock((identity,), identity, (secret,))


async def test_the_very_same_knock_is_answered_from_memory_after_a_few_tries(keeper: Doorkeeper, clock: Clock) -> None:
    book = Book()
    for _ in range(doorkeeper.FREE_TRIES):
        assert await keeper.ask(knock(), ADDRESS, book.finding(Refusal.UNKNOWN)) == Refusal.UNKNOWN
    for _ in range(1_000):
        with pytest.raises(TooMany) as refusal:
            await keeper.ask(knock(), ADDRESS, book.finding(CHARGER))
    assert (book.looks, refusal.value.wait_s) == (doorkeeper.FREE_TRIES, 31)
    clock.now += doorkeeper.ANSWERED_FROM_MEMORY_S
    assert await keeper.ask(knock(), ADDRESS, book.finding(CHARGER)) is CHARGER, "it was registered meanwhile"
    assert await keeper.ask(knock(), ADDRESS, book.finding(CHARGER)) is CHARGER


async def test_a_stranger_cannot_lock_out_the_charger_not_even_from_its_own_address(keeper: Doorkeeper) -> None:
    book = Book()
    for number in range(2_000):
        await keeper.ask(knock(f"guess {number}"), ADDRESS, book.finding(Refusal.WRONG_SECRET))
    assert await keeper.ask(knock("right"), ADDRESS, book.finding(CHARGER)) is CHARGER
    assert await keeper.ask(knock("right"), "192.0.2.2", book.finding(CHARGER)) is CHARGER


async def test_an_address_that_fails_often_is_looked_at_one_by_one(keeper: Doorkeeper) -> None:
    book = Book()
    for number in range(doorkeeper.FAILURES_AT_ONCE):
        await keeper.ask(knock(f"guess {number}"), ADDRESS, book.finding(Refusal.WRONG_SECRET))
    crowd = [
        keeper.ask(knock(f"more {number}"), ADDRESS, book.finding(Refusal.WRONG_SECRET))
        for number in range(2 * doorkeeper.LONGEST_QUEUE)
    ]
    answers = await asyncio.gather(*crowd, return_exceptions=True)
    assert book.most_at_once == 1
    assert sum(isinstance(answer, TooMany) for answer in answers) == doorkeeper.LONGEST_QUEUE
    assert not keeper._queues


async def test_a_storm_of_chargers_behind_one_address_is_let_in_at_once(keeper: Doorkeeper) -> None:
    book = Book()
    storm = [keeper.ask(knock("right", f"CP {number}"), ADDRESS, book.finding(CHARGER)) for number in range(2_000)]
    assert set(await asyncio.gather(*storm)) == {CHARGER}
    assert book.most_at_once == 2_000


def test_a_refusal_is_told_once_and_then_with_a_count(keeper: Doorkeeper, clock: Clock) -> None:
    told = [keeper.times_to_tell("CP 1", Refusal.UNKNOWN) for _ in range(100)]
    assert told == [1] + [0] * 99
    assert keeper.times_to_tell("CP 1", Refusal.NO_TLS) == 1
    clock.now += doorkeeper.TOLD_EVERY_S
    assert keeper.times_to_tell("CP 1", Refusal.UNKNOWN) == 100


def test_strangers_that_invent_identities_do_not_fill_the_log(keeper: Doorkeeper) -> None:
    assert sum(keeper.times_to_tell(f"CP {number}", Refusal.UNKNOWN) for number in range(20_000)) == 200
    assert len(keeper._told) == doorkeeper._REMEMBERED


def test_it_is_known_whether_one_that_is_let_in_was_refused_before(keeper: Doorkeeper) -> None:
    assert not keeper.forgive("CP 1")
    keeper.times_to_tell("CP 1", Refusal.UNKNOWN)
    assert (keeper.forgive("CP 1"), keeper.forgive("CP 1")) == (True, False)
