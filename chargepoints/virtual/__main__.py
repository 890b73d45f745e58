"""Run virtual charge points from a shell: `python -m chargepoints.virtual --identity VCP-1 --password …`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from .charge_point import VirtualChargePoint
from .evse import EvseSpec
from .fleet import ChargePointSpec, Fleet, read_specs
from .vehicle import Vehicle

logger = logging.getLogger("chargepoints.virtual")
# The environment rather than the command line keeps a password out of the list of processes.
PASSWORD_VARIABLE = "VIRTUAL_CHARGE_POINT_PASSWORD"  # noqa: S105


def parser() -> argparse.ArgumentParser:
    """What can be told on the command line."""
    options = argparse.ArgumentParser(prog="python -m chargepoints.virtual", description=__doc__)
    options.add_argument("--url", default="ws://127.0.0.1:8000/ocpp", help="the server's OCPP root")
    options.add_argument("--identity", default="VCP-1", help="with --count, a number is appended")
    options.add_argument("--count", type=int, default=1, help="so many alike")
    options.add_argument("--fleet", type=Path, help="a JSON list of charge points instead of --identity")
    options.add_argument("--version", choices=["1.6", "2.0.1"], default="1.6")
    options.add_argument("--password", help=f"HTTP Basic; else from ${PASSWORD_VARIABLE}")
    options.add_argument("--speed", type=float, default=1.0, help="simulated seconds in a real one")
    options.add_argument("--meter-interval-s", type=int, default=60)
    options.add_argument("--ramp-s", type=float, default=0.0, help="spread the connections over so long")
    options.add_argument("--verbose", action="store_true", help="show each status")
    _add_evse_options(options)
    _add_vehicle_options(options)
    return options


def _add_evse_options(options: argparse.ArgumentParser) -> None:
    group = options.add_argument_group("EVSEs")
    group.add_argument("--evses", type=int, default=1)
    group.add_argument("--connector", action="append", help="OCPP 2.0.1 connector type; may be repeated")
    group.add_argument("--max-power-w", type=float, default=11_000)
    group.add_argument("--max-discharge-w", type=float, default=0)
    group.add_argument("--phases", type=int, choices=[1, 2, 3], default=3)
    group.add_argument("--dc", action="store_true")
    group.add_argument("--knows-soc", action="store_true")


def _add_vehicle_options(options: argparse.ArgumentParser) -> None:
    group = options.add_argument_group("a car, plugged into the first EVSE")
    group.add_argument("--token", help="plug the car in and present this card")
    group.add_argument("--capacity-wh", type=float, default=52_000)
    group.add_argument("--soc-percent", type=float, default=30)
    group.add_argument("--max-charge-w", type=float, default=11_000)


def specs_of(arguments: argparse.Namespace) -> list[ChargePointSpec]:
    """The charge points that were asked for."""
    if arguments.fleet:
        return read_specs(arguments.fleet)
    password = arguments.password or os.environ.get(PASSWORD_VARIABLE)
    evses = tuple(_evse(arguments, number) for number in range(1, arguments.evses + 1))
    identities = [arguments.identity]
    if arguments.count > 1:
        identities = [f"{arguments.identity}{number}" for number in range(1, arguments.count + 1)]
    return [ChargePointSpec(identity, arguments.version, password, evses) for identity in identities]


def _evse(arguments: argparse.Namespace, number: int) -> EvseSpec:
    return EvseSpec(
        number=number,
        connectors=tuple(arguments.connector or ["cCCS2" if arguments.dc else "cType2"]),
        max_power_w=arguments.max_power_w,
        max_discharge_w=arguments.max_discharge_w,
        phases=arguments.phases,
        dc=arguments.dc,
        knows_soc=arguments.knows_soc,
    )


async def run(arguments: argparse.Namespace, stop: asyncio.Event) -> None:
    """Connect, plug in where asked, and stay until `stop` is set."""
    fleet = Fleet(
        specs_of(arguments), arguments.url, speed=arguments.speed, meter_interval_s=arguments.meter_interval_s
    )
    await fleet.start(ramp_s=arguments.ramp_s)
    for charge_point in fleet:
        charge_point.spawn(_tell(charge_point))
        if arguments.token:
            charge_point.spawn(_charge(charge_point, arguments))
    await stop.wait()
    await fleet.stop()


async def _charge(charge_point: VirtualChargePoint, arguments: argparse.Namespace) -> None:
    await charge_point.wait_for(lambda cp: cp.online, timeout=None)
    car = Vehicle(
        capacity_wh=arguments.capacity_wh,
        energy_wh=arguments.capacity_wh * arguments.soc_percent / 100,
        max_charge_w=arguments.max_charge_w,
        max_discharge_w=arguments.max_discharge_w,
    )
    first = min(charge_point.station.evses)
    await charge_point.plug_in(first, car)
    verdict = await charge_point.present_token(first, arguments.token)
    logger.info("%s: the card %s is %s", charge_point.identity, arguments.token, verdict)


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


async def _until_signalled(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run(arguments, stop)


def main(words: Sequence[str] | None = None) -> None:
    """Entry point."""
    arguments = parser().parse_args(words)
    level = logging.INFO if arguments.verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(message)s")
    asyncio.run(_until_signalled(arguments))


if __name__ == "__main__":
    main()
