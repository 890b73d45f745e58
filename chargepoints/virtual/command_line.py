"""What can be asked for on the command line, for `manage.py simulate` and `python -m chargepoints.virtual` alike."""

from __future__ import annotations

import argparse
import itertools
import os
import ssl
from pathlib import Path
from typing import Any

from . import script
from .durations import seconds
from .evse import EvseSpec
from .fleet import ChargePointSpec, Fleet, read_specs
from .simulation import Plan, Simulation
from .visits import Habits

# The environment rather than the command line keeps a password out of the list of processes.
PASSWORD_VARIABLE = "VIRTUAL_CHARGE_POINT_PASSWORD"  # noqa: S105
VERSIONS = {"1.6": ("1.6",), "2.0.1": ("2.0.1",), "mixed": ("1.6", "2.0.1")}
# With many chargers in one process the recorded frames are most of the memory.
FRAMES_KEPT_BY_ONE, FRAMES_KEPT_BY_EACH_OF_MANY = 5_000, 8


class AskedError(ValueError):
    """What was asked for does not fit together."""


def add_arguments(options: argparse.ArgumentParser) -> None:
    """All options."""
    _add_line_options(options)
    _add_evse_options(options)
    _add_play_options(options)


def _add_line_options(options: argparse.ArgumentParser) -> None:
    options.add_argument("--url", default="ws://127.0.0.1:8000/ocpp", help="the server's OCPP root")
    options.add_argument(
        "--identity", default="VCP-1", help="with --count a pattern such as LOAD-{:05}, else a number is appended"
    )
    options.add_argument("--count", type=int, default=1, help="so many alike")
    options.add_argument("--fleet", type=Path, help="a JSON list of charge points instead of --identity")
    options.add_argument("--ocpp", choices=VERSIONS, default="1.6", help="mixed: in turns")
    options.add_argument(
        "--profile",
        type=int,
        choices=[0, 1, 2, 3],
        help="security profile: 0 no password, 1 password, 2 password over TLS, 3 certificate of its own",
    )
    options.add_argument("--password", help=f"HTTP Basic; else from ${PASSWORD_VARIABLE}")
    options.add_argument("--ca", type=Path, help="the certificate authority of a wss server, as PEM")
    options.add_argument("--certificate", type=Path, help="of its own (profile 3), with its key behind it, as PEM")
    options.add_argument("--vendor", default="TwinEV")
    options.add_argument("--model", default="Virtual")
    options.add_argument("--speed", type=float, default=1.0, help="simulated seconds in a real one")
    options.add_argument("--meter-interval-s", type=int, default=60)
    options.add_argument("--ramp-s", type=float, default=0.0, help="spread the connections over so long")
    options.add_argument("--upload", action="store_true", help="really send logs that are asked for, by HTTP PUT")
    options.add_argument("--verbose", action="store_true", help="show each status")


def _add_evse_options(options: argparse.ArgumentParser) -> None:
    group = options.add_argument_group("EVSEs")
    group.add_argument("--evses", type=int, default=1)
    group.add_argument("--connector", action="append", help="OCPP 2.0.1 connector type; may be repeated")
    group.add_argument("--max-power-w", type=float, default=11_000)
    group.add_argument("--max-discharge-w", type=float, default=0)
    group.add_argument("--phases", type=int, choices=[1, 2, 3], default=3)
    group.add_argument("--dc", action="store_true")
    group.add_argument("--knows-soc", action="store_true")
    group.add_argument(
        "--v2g",
        choices=["limits", "limits-soc", "setpoints"],
        default="limits",
        help="how the charger is told to give energy back",
    )


def _add_play_options(options: argparse.ArgumentParser) -> None:
    group = options.add_argument_group("what happens")
    group.add_argument(
        "--token",
        action="append",
        help="plug a car in and present this card; with --visits the people's cards; may be repeated",
    )
    group.add_argument("--capacity-wh", type=float, default=52_000)
    group.add_argument("--soc-percent", type=float, default=30)
    group.add_argument("--max-charge-w", type=float, default=11_000)
    group.add_argument("--script", type=Path, help="a play, see docs/simulator.md")
    group.add_argument("--visits", help="cars come and go: the mean pause and stay, such as 30m,90m")
    group.add_argument("--chaos", nargs="?", const="15m", help="misbehave once in so long (15m)")
    group.add_argument("--seed", type=int, default=0, help="the same seed, the same people and the same chaos")
    group.add_argument("--for", dest="duration", help="end after so much simulated time, when all is told")
    group.add_argument(
        "--ledger", type=Path, help="write at the end what the meters say of each transaction; - prints it"
    )


def identities(pattern: str, count: int) -> list[str]:
    """The names of `count` chargers alike."""
    if count == 1 and "{" not in pattern:
        return [pattern]
    template = pattern if "{" in pattern else pattern + "{}"
    return [template.format(number) for number in range(1, count + 1)]


def specs_of(arguments: argparse.Namespace) -> list[ChargePointSpec]:
    """The charge points that were asked for; AskedError where profile, password and address do not fit."""
    if arguments.fleet:
        return read_specs(arguments.fleet)
    password = _password(arguments)
    evses = tuple(_evse(arguments, number) for number in range(1, arguments.evses + 1))
    versions = itertools.cycle(VERSIONS[arguments.ocpp])
    return [
        ChargePointSpec(identity, next(versions), password, evses, arguments.vendor, arguments.model)
        for identity in identities(arguments.identity, arguments.count)
    ]


def _password(arguments: argparse.Namespace) -> str | None:
    password: str | None = arguments.password or os.environ.get(PASSWORD_VARIABLE)
    if arguments.profile in (2, 3) and not arguments.url.startswith("wss:"):
        raise AskedError(f"security profile {arguments.profile} needs a wss address")
    if arguments.profile == 3 and not arguments.certificate:
        raise AskedError("security profile 3 needs a certificate")
    if arguments.profile in (0, 3):
        return None
    if arguments.profile and not password:
        raise AskedError(f"security profile {arguments.profile} needs a password")
    return password


def _evse(arguments: argparse.Namespace, number: int) -> EvseSpec:
    return EvseSpec(
        number=number,
        connectors=tuple(arguments.connector or ["cCCS2" if arguments.dc else "sType2"]),
        max_power_w=arguments.max_power_w,
        max_discharge_w=arguments.max_discharge_w,
        phases=arguments.phases,
        dc=arguments.dc,
        knows_soc=arguments.knows_soc,
    )


def simulation_of(arguments: argparse.Namespace) -> Simulation:
    """The fleet and what is to happen to it; AskedError, ScriptError, ValueError or OSError for what makes no sense."""
    specs = specs_of(arguments)
    many = len(specs) > 1
    fleet = Fleet(
        specs,
        arguments.url,
        speed=arguments.speed,
        meter_interval_s=arguments.meter_interval_s,
        ssl=_trust(arguments),
        frames_kept=FRAMES_KEPT_BY_EACH_OF_MANY if many else FRAMES_KEPT_BY_ONE,
        # A thousand chargers that look up each frame's schema are slow; one is for finding mistakes.
        strict=not many,
        v2g=arguments.v2g,
    )
    for charge_point in fleet:
        charge_point.uploads.really = arguments.upload
    return Simulation(fleet, _plan(arguments))


def _trust(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    if not arguments.url.startswith("wss:"):
        return None
    context = ssl.create_default_context(cafile=arguments.ca)
    if arguments.certificate:
        context.load_cert_chain(arguments.certificate)
    return context


def _plan(arguments: argparse.Namespace) -> Plan:
    steps = script.read(arguments.script.read_text(encoding="utf-8")) if arguments.script else []
    if arguments.token and not arguments.visits:
        steps += script.read(_arrival(arguments))
    chaos_every_s = seconds(arguments.chaos) if arguments.chaos else None
    return Plan(seed=arguments.seed, habits=_habits(arguments), steps=steps, chaos_every_s=chaos_every_s)


def _arrival(arguments: argparse.Namespace) -> str:
    """One car and one card, as soon as the charger is there."""
    options: dict[str, Any] = {
        "soc": arguments.soc_percent,
        "capacity": arguments.capacity_wh,
        "max": arguments.max_charge_w,
        "discharge": arguments.max_discharge_w,
    }
    told = " ".join(f"{name}={value:g}" for name, value in options.items())
    return f"0s online\n0s plug {told}\n0s card {arguments.token[0]}"


def _habits(arguments: argparse.Namespace) -> Habits | None:
    if not arguments.visits:
        return None
    if not arguments.token:
        raise AskedError("--visits needs the people's cards: --token")
    pause, _, stay = arguments.visits.partition(",")
    return Habits(arguments.token, seconds(pause), seconds(stay or pause))
