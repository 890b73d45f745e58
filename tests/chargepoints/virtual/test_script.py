"""Plays: what is written is what happens, when it is written."""

import asyncio

import pytest

from chargepoints.virtual import VirtualChargePoint
from chargepoints.virtual.script import ScriptError, play, read

from .central import Central
from .words import Words

PLAY = """
# a whole evening
1h35m unplug
0s    plug soc=20 capacity=60000 evse=2   # comes home
10s   card 04A1B2C3 evse=2
30m   offline 10m
1h30m card 04A1B2C3 evse=2
"""


def test_lines_become_steps_in_the_order_of_time() -> None:
    steps = read(PLAY)
    assert [(step.at_s, step.verb, step.evse) for step in steps] == [
        (0, "plug", 2),
        (10, "card", 2),
        (1_800, "offline", 1),
        (5_400, "card", 2),
        (5_700, "unplug", 1),
    ]
    assert (steps[0].number("soc", 0), steps[2].span_s()) == (20, 600)


@pytest.mark.parametrize(
    ("text", "named"),
    [("soon plug", "line 1"), ("0s dance", "line 1"), ("0s plug\n\n5s card", "line 3"), ("0s", "line 1")],
)
def test_a_line_that_says_nothing_is_named(text: str, named: str) -> None:
    with pytest.raises(ScriptError, match=named):
        read(text)


async def run(charger: VirtualChargePoint, text: str, minutes: int) -> None:
    """Play it, minute by minute."""
    playing = asyncio.create_task(play(charger, read(text)))
    for _ in range(minutes):
        await charger.tick(60)
        for _ in range(5):
            await asyncio.sleep(0.002)
    await asyncio.wait_for(playing, 5)


async def test_an_evening_is_played(charger: VirtualChargePoint, central: Central, words: Words) -> None:
    await run(charger, PLAY, 100)
    await charger.await_delivered()
    (end,) = words.ends()
    assert (end.reason, words.begins()[0].token) == ("Local", "04A1B2C3")
    assert central.connections == 2
    (session,) = charger.history
    assert session.ended_at
    assert 5_300 < (session.ended_at - session.started_at).total_seconds() < 5_500


async def test_mishaps_are_played_too(charger: VirtualChargePoint, central: Central, words: Words) -> None:
    text = """
    0s plug
    0s card A
    5m fault GroundFailure vendor=E42
    6m repair
    10m power-loss 5m
    20m refuse ClearCache
    20m limit 5000 evse=1
    25m obey ClearCache
    25m unlimit evse=1
    26m reboot hard
    """
    await run(charger, text, 30)
    await charger.await_delivered()
    assert [end.reason for end in words.ends()] == ["PowerLoss"]
    assert len(central.payloads("BootNotification")) == 3
    assert "Faulted" in words.statuses()
    assert len(central.payloads("NotifyChargingLimit")) == (words.version == "2.0.1")
