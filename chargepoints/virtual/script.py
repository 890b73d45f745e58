"""A play for a charger: one line each, a moment (from the beginning, in the charger's time) and what happens then.

0s    plug soc=30 capacity=52000
10s   card 04A1B2C3
30m   offline 10m
1h30m card 04A1B2C3
1h35m unplug
"""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from .durations import seconds
from .vehicle import Vehicle

if TYPE_CHECKING:
    from .charge_point import VirtualChargePoint

Deed: TypeAlias = Callable[["VirtualChargePoint", "Step"], Awaitable[object]]


class ScriptError(ValueError):
    """A line that says nothing; the text names it."""


@dataclass(frozen=True)
class Step:
    """At `at_s`, `verb` with plain `words` and named `options`."""

    at_s: float
    verb: str
    words: tuple[str, ...]
    options: dict[str, str]

    @property
    def evse(self) -> int:
        """The EVSE that is meant: the first unless told."""
        return int(self.options.get("evse", 1))

    def number(self, name: str, default: float) -> float:
        """An option as a number."""
        return float(self.options.get(name, default))

    def span_s(self) -> float:
        """The span of time that was told, in seconds; 0 without one."""
        return seconds(self.words[0]) if self.words else 0.0


def read(text: str) -> list[Step]:
    """The steps in the order of time; "#" begins a comment. Raises ScriptError."""
    steps = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = shlex.split(line, comments=True)
        if words:
            steps.append(_step(number, words))
    return sorted(steps, key=lambda step: step.at_s)


def _step(number: int, words: list[str]) -> Step:
    try:
        at_s = seconds(words[0])
    except ValueError as error:
        raise ScriptError(f"line {number}: {error}") from None
    if len(words) < 2 or words[1] not in DEEDS:
        raise ScriptError(f"line {number}: one of {', '.join(sorted(DEEDS))} is expected")
    plain = tuple(word for word in words[2:] if "=" not in word)
    options = dict(word.split("=", 1) for word in words[2:] if "=" in word)
    if len(plain) < NEEDED_WORDS.get(words[1], 0):
        raise ScriptError(f"line {number}: {words[1]} what?")
    return Step(at_s, words[1], plain, options)


async def play(charge_point: VirtualChargePoint, steps: Iterable[Step]) -> None:
    """Do each step when its moment comes."""
    begin = charge_point.clock.now()
    for step in steps:
        await charge_point.until(begin + timedelta(seconds=step.at_s))
        await DEEDS[step.verb](charge_point, step)


async def _online(charge_point: VirtualChargePoint, step: Step) -> None:
    await charge_point.wait_for(lambda cp: cp.online, timeout=None)


async def _plug(charge_point: VirtualChargePoint, step: Step) -> None:
    capacity_wh = step.number("capacity", 52_000)
    car = Vehicle(
        capacity_wh=capacity_wh,
        energy_wh=capacity_wh * step.number("soc", 30) / 100,
        max_charge_w=step.number("max", 11_000),
        max_discharge_w=step.number("discharge", 0),
    )
    await charge_point.plug_in(step.evse, car, int(step.number("connector", 1)))


async def _card(charge_point: VirtualChargePoint, step: Step) -> None:
    await charge_point.present_token(step.evse, step.words[0], step.options.get("kind", "ISO14443"))


async def _unplug(charge_point: VirtualChargePoint, step: Step) -> None:
    await charge_point.unplug(step.evse)


async def _park(charge_point: VirtualChargePoint, step: Step) -> None:
    charge_point.station.park(charge_point.evse(step.evse))


async def _fault(charge_point: VirtualChargePoint, step: Step) -> None:
    code = step.words[0] if step.words else "InternalError"
    charge_point.station.set_fault(charge_point.evse(step.evse), code, step.options.get("vendor"))


async def _repair(charge_point: VirtualChargePoint, step: Step) -> None:
    charge_point.station.set_fault(charge_point.evse(step.evse), None)


async def _offline(charge_point: VirtualChargePoint, step: Step) -> None:
    charge_point.drop_link(stay_down=True)
    await charge_point.until(charge_point.clock.now() + timedelta(seconds=step.span_s()))
    charge_point.restore_link()


async def _power_loss(charge_point: VirtualChargePoint, step: Step) -> None:
    charge_point.power_loss()
    await charge_point.until(charge_point.clock.now() + timedelta(seconds=step.span_s()))
    charge_point.catch_up()
    charge_point.power_restore(resume=step.options.get("resume") == "yes")


async def _reboot(charge_point: VirtualChargePoint, step: Step) -> None:
    await charge_point.reboot(hard="hard" in step.words)


async def _drop(charge_point: VirtualChargePoint, step: Step) -> None:
    charge_point.drop_link()


async def _limit(charge_point: VirtualChargePoint, step: Step) -> None:
    charge_point.limits.set(
        float(step.words[0]), evse_number=int(step.options.get("evse", 0)), source=step.options.get("source", "EMS")
    )


async def _unlimit(charge_point: VirtualChargePoint, step: Step) -> None:
    charge_point.limits.clear(evse_number=int(step.options.get("evse", 0)))


async def _refuse(charge_point: VirtualChargePoint, step: Step) -> None:
    charge_point.refuse(step.words[0], *step.words[1:2])


async def _silence(charge_point: VirtualChargePoint, step: Step) -> None:
    charge_point.silence(step.words[0])


async def _obey(charge_point: VirtualChargePoint, step: Step) -> None:
    charge_point.faults.obey(step.words[0])


async def _repeat(charge_point: VirtualChargePoint, step: Step) -> None:
    await charge_point.duplicate_last(new_id="new" in step.words)


DEEDS: dict[str, Deed] = {
    "online": _online,
    "plug": _plug,
    "card": _card,
    "unplug": _unplug,
    "park": _park,
    "fault": _fault,
    "repair": _repair,
    "offline": _offline,
    "power-loss": _power_loss,
    "reboot": _reboot,
    "drop": _drop,
    "limit": _limit,
    "unlimit": _unlimit,
    "refuse": _refuse,
    "silence": _silence,
    "obey": _obey,
    "repeat": _repeat,
}
NEEDED_WORDS = {"card": 1, "offline": 1, "power-loss": 1, "limit": 1, "refuse": 1, "silence": 1, "obey": 1}
