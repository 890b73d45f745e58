"""Run a simulation from a shell, until its time is over or somebody ends it."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from .charge_point import VirtualChargePoint
from .command_line import simulation_of
from .durations import seconds
from .simulation import Simulation

logger = logging.getLogger("chargepoints.virtual")
STDOUT = Path("-")


def main(arguments: argparse.Namespace, write: Callable[[str], object]) -> None:
    """Run what was asked for; `write` prints."""
    level = logging.INFO if arguments.verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(message)s")
    asyncio.run(_until_signalled(arguments, write))


async def _until_signalled(arguments: argparse.Namespace, write: Callable[[str], object]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run(arguments, stop, write)


async def run(arguments: argparse.Namespace, stop: asyncio.Event, write: Callable[[str], object]) -> None:
    """Connect, let happen what is to happen, and end when `stop` is set or the time is over."""
    simulation = simulation_of(arguments)
    await simulation.start(ramp_s=arguments.ramp_s)
    for charge_point in simulation.fleet if arguments.verbose else ():
        charge_point.spawn(_tell(charge_point))
    try:
        await _wait(simulation, arguments, stop)
        _write_ledger(simulation, arguments, write)
    finally:
        await simulation.stop()


async def _wait(simulation: Simulation, arguments: argparse.Namespace, stop: asyncio.Event) -> None:
    if not arguments.duration:
        await stop.wait()
        return
    clock = simulation.fleet.clock
    end = clock.now() + timedelta(seconds=seconds(arguments.duration))
    while clock.now() < end and not stop.is_set():
        left_s = (end - clock.now()).total_seconds() / arguments.speed
        try:
            await asyncio.wait_for(stop.wait(), max(left_s, 0))
        except TimeoutError:
            break
    try:
        await simulation.settle()
    except TimeoutError:
        logger.warning("the server has not taken everything")


def _write_ledger(simulation: Simulation, arguments: argparse.Namespace, write: Callable[[str], object]) -> None:
    if arguments.ledger is None:
        return
    text = simulation.ledger().as_json()
    if arguments.ledger == STDOUT:
        write(text)
    else:
        arguments.ledger.write_text(text, encoding="utf-8")


async def _tell(charge_point: VirtualChargePoint) -> None:
    """Say in the log when the charger's state changes."""
    told = ""
    while True:
        state = _state(charge_point)
        if state != told:
            logger.info("%s: %s", charge_point.identity, state)
            told = state
        await charge_point.wait_for(partial(_is_new, state), timeout=None)


def _is_new(known: str, charge_point: VirtualChargePoint) -> bool:
    return _state(charge_point) != known


def _state(charge_point: VirtualChargePoint) -> str:
    online = "online" if charge_point.online else "offline"
    evses = [f"{n} {evse.status} {evse.meter.power_w:.0f} W" for n, evse in charge_point.station.evses.items()]
    return ", ".join([online, *evses])
