"""How a charger introduces itself: BootNotification until the server accepts it, then the status of all connectors."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from .rpc import UNREADABLE, CallFailedError, NoAnswerError

if TYPE_CHECKING:
    from .charge_point import VirtualChargePoint

DEFAULT_WAIT_S = 30


async def introduce(charge_point: VirtualChargePoint) -> None:
    """Boot if that is due, and tell each status; raises LinkLostError."""
    if charge_point.boots_on_reconnect or charge_point.boot_status != "Accepted":
        await _boot(charge_point)
    for report in charge_point.messages.every_status():
        with contextlib.suppress(NoAnswerError, CallFailedError):
            await charge_point.link.call("StatusNotification", report.payload)


async def _boot(charge_point: VirtualChargePoint) -> None:
    longest_s = charge_point.link.timing.boot_wait_max_s
    while True:
        wait_s = await _try_to_boot(charge_point)
        if charge_point.boot_status == "Accepted":
            return
        await asyncio.sleep(wait_s if longest_s is None else min(wait_s, longest_s))


async def _try_to_boot(charge_point: VirtualChargePoint) -> float:
    """Seconds until the next try, if the server did not accept."""
    payload = charge_point.messages.boot(charge_point.boot_reason)
    with contextlib.suppress(NoAnswerError, CallFailedError, *UNREADABLE):
        answer = await charge_point.link.call("BootNotification", payload)
        charge_point.boot_status = answer["status"]
        interval_s = int(answer["interval"])
        # OCPP 1.6 section 4.2: zero leaves the interval to the charger.
        charge_point.boots += charge_point.boot_status == "Accepted"
        if charge_point.boot_status == "Accepted" and interval_s > 0:
            charge_point.variables.set("heartbeat_s", str(interval_s))
        return interval_s or DEFAULT_WAIT_S
    return DEFAULT_WAIT_S
