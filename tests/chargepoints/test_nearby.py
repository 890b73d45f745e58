"""A charger that is connected to this process is woken here."""

import asyncio

from chargepoints import nearby


def test_a_link_is_woken_while_it_is_here() -> None:
    woken: list[str] = []

    def older() -> None:
        woken.append("older")

    def newer() -> None:
        woken.append("newer")

    assert not nearby.wake(-1)
    nearby.come(-1, older)
    nearby.come(-1, newer)
    nearby.go(-1, older)
    assert nearby.wake(-1)
    nearby.go(-1, newer)
    assert not nearby.wake(-1)
    assert woken == ["newer"]


def test_a_link_whose_loop_has_ended_is_forgotten() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    nearby.come(-1, lambda: loop.call_soon_threadsafe(print))
    assert not nearby.wake(-1)
