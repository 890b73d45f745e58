"""Damaged frames of both versions: the link lives, every call is answered once, the next charger is not disturbed."""

import asyncio
import gc
import json
import logging
import os
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chargepoints.models import ChargePoint, IdToken, Transaction
from chargepoints.ocpp import journal, v16, v201
from chargepoints.ocpp.link import Link
from chargepoints.ocpp.version import Version
from tests.chargepoints.ocpp.conftest import Clock, registered, rows
from tests.fuzz import mutations, samples

# `make fuzz` runs a hundred thousand; a run of all tests takes a part of them, other ones each day.
FRAMES = int(os.environ.get("FUZZ_FRAMES", "3000"))
SEED = int(os.environ.get("FUZZ_SEED", "20261123"))
GOOD_EVERY = 500
VERSIONS = {"1.6": v16.VERSION, "2.0.1": v201.VERSION}


class Line:
    """A link without a socket: what it says is kept, as texts."""

    def __init__(self, point: ChargePoint, version: Version, clock: Clock) -> None:
        self.said: list[str] = []
        self.link = Link(charge_point=point, version=version, send_text=self._send, clock=clock)

    async def _send(self, text: str) -> None:
        self.said.append(text)

    async def answers_to(self, frame: str | bytes) -> list[list[Any]]:
        """What the server says to a frame, its own questions left out. JSON that cannot be read is an error here."""
        before = len(self.said)
        await self.link.received(frame)
        said = [json.loads(text, parse_constant=_refuse) for text in self.said[before:]]
        del self.said[:before]
        return [one for one in said if one[0] != 2]


def _refuse(word: str) -> None:
    raise AssertionError(f"{word} is no JSON")


class Neighbour:
    """A charger in good order beside it: its session goes on between the broken frames."""

    def __init__(self, line: Line, clock: Clock) -> None:
        self._line, self._clock, self._serial = line, clock, 0
        self.transaction_id = 0
        self.energy_wh = 0

    async def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        self._serial += 1
        frame = json.dumps([2, f"g{self._serial}", action, payload])
        kind, message_id, answer = (await self._line.answers_to(frame))[0]
        assert (kind, message_id) == (3, f"g{self._serial}")
        return dict(answer)

    async def start(self) -> None:
        answer = await self.call(
            "StartTransaction",
            {"connectorId": 1, "idTag": "DEADBEEF", "meterStart": 0, "timestamp": self._clock.now.isoformat()},
        )
        self.transaction_id = answer["transactionId"]

    async def go_on(self) -> None:
        self._clock.advance(seconds=60)
        self.energy_wh += 100
        sampled = [{"value": str(self.energy_wh), "unit": "Wh"}]
        values = [{"timestamp": self._clock.now.isoformat(), "sampledValue": sampled}]
        said = {"connectorId": 1, "transactionId": self.transaction_id, "meterValue": values}
        assert await self.call("MeterValues", said) == {}

    async def stop(self) -> None:
        said = {"transactionId": self.transaction_id, "meterStop": self.energy_wh}
        await self.call("StopTransaction", {**said, "timestamp": self._clock.now.isoformat()})


def _frame(dice: random.Random, version: str, actions: tuple[str, ...], serial: int) -> str | bytes:
    return mutations.damaged(dice, samples.call(dice, version, actions, serial))


def _is_wrong(frame: str | bytes, answers: list[list[Any]], may: Callable[[str], bool]) -> str:
    """Why the answers to a frame are not what they should be; empty when they are."""
    if len(answers) > 1:
        return "answered more than once"
    if answers and answers[0][0] not in (3, 4):
        return "no answer"
    if answers and answers[0][0] == 4 and not may(answers[0][2]):
        return f"answered with {answers[0][2]}"
    return ""


@pytest.mark.parametrize("version", VERSIONS)
async def test_no_damaged_frame_costs_a_link_an_error_or_the_neighbour(
    version: str, charge_point: ChargePoint, token: IdToken, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    spoken = VERSIONS[version]
    codes = set(spoken.codes.values()) - {"InternalError"}
    line = Line(charge_point, spoken, clock)
    beside = await rows(lambda: registered("Beside"))
    neighbour = Neighbour(Line(beside, v16.VERSION, clock), clock)
    await line.link.opened()
    await neighbour.start()
    actions = tuple(sorted(action for action in spoken.handlers if _has_schema(version, action)))
    dice = random.Random(SEED)
    caplog.set_level(logging.ERROR)
    wrong: list[tuple[str, str | bytes]] = []
    for serial in range(FRAMES // len(VERSIONS)):
        frame = _frame(dice, version, actions, serial)
        answers = await line.answers_to(frame)
        if why := _is_wrong(frame, answers, codes.__contains__):
            wrong.append((why, frame[:2_000]))
        if serial % GOOD_EVERY == 0:
            await neighbour.go_on()
    await neighbour.stop()
    await line.link.closed()
    assert wrong == []
    assert [record.message for record in caplog.records] == []
    session = await rows(lambda: Transaction.objects.get(charge_point=beside))
    assert (session.state, session.energy_wh) == ("ended", neighbour.energy_wh)


def _has_schema(version: str, action: str) -> bool:
    try:
        samples.schema(version, action)
    except LookupError:
        return False
    return True


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_link_keeps_nothing_of_what_it_was_told(
    version: str, charge_point: ChargePoint, token: IdToken, clock: Clock
) -> None:
    """Objects are counted, not bytes: what is left over must not grow with the number of frames."""
    line = Line(charge_point, VERSIONS[version], clock)
    await line.link.opened()
    actions = tuple(sorted(action for action in line.link.version.handlers if _has_schema(version, action)))
    dice = random.Random(SEED + 1)

    async def objects_after(frames: int) -> int:
        for serial in range(frames):
            clock.now += timedelta(seconds=1)
            await line.answers_to(_frame(dice, version, actions, serial))
        await journal.current().flush()
        await asyncio.sleep(0)
        line.said.clear()
        gc.collect()
        return len(gc.get_objects())

    await objects_after(300)
    before = await objects_after(300)
    after = await objects_after(600)
    await line.link.closed()
    assert after - before < 600
