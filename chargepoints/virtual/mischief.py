"""Ways in which a charger misbehaves. None of them changes what its meter counted; all of them end by themselves.

Seen in the field: https://github.com/steve-community/steve/issues/1294, https://github.com/matth-x/MicroOcpp/issues/237
and those named in docs/transactions.md.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from .manner import TIME_STYLES, USUAL
from .rpc import CallFailedError, LinkLostError, NoAnswerError

if TYPE_CHECKING:
    from .charge_point import VirtualChargePoint

Mischief: TypeAlias = Callable[["VirtualChargePoint", random.Random], Awaitable[object]]
COMMANDS = ("SetChargingProfile", "GetCompositeSchedule", "ChangeConfiguration", "SetVariables", "TriggerMessage")
DECADE_S = 3.15e8
STORM_DROPS = 8
JUNK = ("", "[]", "{}", '[2,"x"]', '[2,"x","Heartbeat"]', '[9,"x",{}]', '[3,"nobody-asked",{}]', '[4,"x","","",{}]')


async def refuse(charge_point: VirtualChargePoint, rng: random.Random) -> None:
    """Say no to the next commands."""
    charge_point.refuse(rng.choice(COMMANDS), times=rng.randint(1, 3))


async def fail(charge_point: VirtualChargePoint, rng: random.Random) -> None:
    """Answer the next command with an error."""
    charge_point.refuse(rng.choice(COMMANDS), error=rng.choice(("InternalError", "NotSupported")), times=1)


async def be_silent(charge_point: VirtualChargePoint, rng: random.Random) -> None:
    """Neither do nor answer the next command, or do it without an answer."""
    rng.choice((charge_point.faults.silence, charge_point.faults.mute))(rng.choice(COMMANDS), times=1)


async def pretend(charge_point: VirtualChargePoint, rng: random.Random) -> None:
    """Say that the next command is done, and do nothing."""
    charge_point.faults.pretend(rng.choice(COMMANDS), times=1)


async def lose_power(charge_point: VirtualChargePoint, rng: random.Random) -> None:
    """Dark for some minutes; then all transactions are over, or go on."""
    charge_point.power_loss()
    await _wait(charge_point, rng.uniform(30, 1_200))
    charge_point.power_restore(resume=rng.random() < 0.3, keep_profiles=rng.random() < 0.7)


async def go_offline(charge_point: VirtualChargePoint, rng: random.Random) -> None:
    """Charge on without a line, and tell it all later."""
    charge_point.drop_link(stay_down=True)
    await _wait(charge_point, rng.uniform(60, 3_600))
    charge_point.restore_link()


async def tell_in_disorder(charge_point: VirtualChargePoint, rng: random.Random) -> None:
    """The same, but the queue gets mixed up."""
    charge_point.drop_link(stay_down=True)
    await _wait(charge_point, rng.uniform(60, 1_800))
    charge_point.link.outbox.shuffle(rng, walls="StartTransaction")
    charge_point.restore_link()


async def storm(charge_point: VirtualChargePoint, rng: random.Random) -> None:
    """Come and go, come and go."""
    for _ in range(STORM_DROPS):
        charge_point.drop_link()
        await _wait(charge_point, rng.uniform(1, 20))


async def repeat(charge_point: VirtualChargePoint, rng: random.Random) -> None:
    """Say the last transaction message again, under its old id or a new one."""
    with contextlib.suppress(LookupError, LinkLostError, NoAnswerError, CallFailedError):
        await charge_point.duplicate_last(new_id=rng.random() < 0.5)


async def write_oddly(charge_point: VirtualChargePoint, rng: random.Random) -> None:
    """Other units, decimals and ways to write a time, for a while."""
    charge_point.manner = replace(
        charge_point.manner,
        time_style=rng.choice(TIME_STYLES),
        energy_in_kwh=rng.random() < 0.3,
        decimal_comma=rng.random() < 0.3,
        odd_text=rng.choice((None, None, "NaN", "")),
        leaves_defaults_out=rng.random() < 0.5,
        names_phases=rng.random() < 0.7,
    )
    await _wait(charge_point, rng.uniform(300, 1_800))
    charge_point.manner = replace(USUAL, clock_error_s=charge_point.manner.clock_error_s)


async def lose_the_clock(charge_point: VirtualChargePoint, rng: random.Random) -> None:
    """An hour off, or years, for a while: in the middle of a transaction its times run backwards."""
    error_s = rng.choice((-3_600.0, 7_200.0, -DECADE_S))
    charge_point.manner = replace(charge_point.manner, clock_error_s=error_s)
    await _wait(charge_point, rng.uniform(300, 1_800))
    charge_point.manner = replace(charge_point.manner, clock_error_s=0.0)


async def talk_nonsense(charge_point: VirtualChargePoint, rng: random.Random) -> None:
    """Frames that are none."""
    with contextlib.suppress(LinkLostError):
        await charge_point.send_raw(rng.choice(JUNK))


async def reboot(charge_point: VirtualChargePoint, rng: random.Random) -> None:
    """Start anew, in an orderly way or at once."""
    await charge_point.reboot(hard=rng.random() < 0.5, keep_profiles=rng.random() < 0.5)


async def break_down(charge_point: VirtualChargePoint, rng: random.Random) -> None:
    """A fault at one EVSE for some minutes."""
    evse = rng.choice(list(charge_point.station.evses.values()))
    charge_point.station.set_fault(evse, rng.choice(("GroundFailure", "OverVoltage", "InternalError")), "E42")
    await _wait(charge_point, rng.uniform(60, 900))
    charge_point.station.set_fault(evse, None)


async def renew_ids(charge_point: VirtualChargePoint, rng: random.Random) -> None:
    """From now on an unanswered message is repeated under a new id, or under its old one."""
    charge_point.link.retry_with_new_id = not charge_point.link.retry_with_new_id


async def _wait(charge_point: VirtualChargePoint, wait_s: float) -> None:
    await charge_point.until(charge_point.clock.now() + timedelta(seconds=wait_s))
    charge_point.catch_up()


EVERY: tuple[Mischief, ...] = (
    refuse,
    fail,
    be_silent,
    pretend,
    lose_power,
    go_offline,
    tell_in_disorder,
    storm,
    repeat,
    write_oddly,
    lose_the_clock,
    talk_nonsense,
    reboot,
    break_down,
    renew_ids,
)
