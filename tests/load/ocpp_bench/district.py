"""The process of the storm: thousands of chargers that stay, come back whenever the line breaks, and forget nothing.

It reads a specification, says when all are there, and then obeys three lines: "watch" (the servers will die now: it
says when all are back), "end" (no news any more: it says what was told and answered).
"""

import asyncio
import json
import random
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from tests.load.ocpp_bench import names
from tests.load.ocpp_bench.line import Line

# What chargers wait before they try again: real ones are more patient.
_LONGEST_PAUSE_S = 5.0
GIVES_UP_AFTER_S = 240.0
_STATUSES = {"1.6": ("Available", "Preparing"), "2.0.1": ("Available", "Occupied")}


def main() -> None:
    asyncio.run(_run(**json.loads(sys.stdin.readline())))


async def _run(*, urls: Sequence[str], version: str, count: int, period_s: float) -> None:
    chargers = [Resident(number, urls[number % len(urls)], version, period_s) for number in range(count)]
    lives = [asyncio.create_task(one.live()) for one in chargers]
    _say(**await _all_settled(chargers, since=perf_counter()))
    while await asyncio.to_thread(sys.stdin.readline) == "watch\n":
        since = perf_counter()
        _say(watching=True)
        _say(**await _all_settled(chargers, since=since))
    for one in chargers:
        one.is_quiet = True
    deadline = perf_counter() + GIVES_UP_AFTER_S
    while any(one.untold for one in chargers) and perf_counter() < deadline:
        await asyncio.sleep(0.1)
    for life in lives:
        life.cancel()
    _say(
        told={one.number: one.told for one in chargers},
        calls=sum(one.calls for one in chargers),
        untold=sum(len(one.untold) for one in chargers),
        again=sum(one.again for one in chargers),
        problems=[problem for one in chargers for problem in one.problems][:5],
    )


async def _all_settled(chargers: Sequence["Resident"], *, since: float) -> dict[str, Any]:
    """How many had their first status answered on a connection newer than ``since``, and after how many seconds."""
    while perf_counter() - since < GIVES_UP_AFTER_S and not all(one.has_settled(since) for one in chargers):
        await asyncio.sleep(0.02)
    settled = [one.settled_at - since for one in chargers if one.has_settled(since)]
    return {"settled": len(settled), "seconds": max(settled, default=0.0)}


def _say(**what: Any) -> None:
    print(json.dumps(what), flush=True)


class Resident:
    """A charger that lives here. ``told``: moments of the meter values that were answered; ``untold``: not yet."""

    def __init__(self, number: int, url: str, version: str, period_s: float) -> None:
        self.number, self._url, self._version, self._period_s = number, url, version, period_s
        self.settled_at = -1.0
        self.is_quiet = False
        self.told: list[str] = []
        self.untold: list[str] = []
        self.calls = self.again = 0
        self.problems: list[str] = []
        self._random = random.Random(number)

    def has_settled(self, since: float) -> bool:
        return self.settled_at > since

    async def live(self) -> None:
        pause_s = 0.5
        while True:
            try:
                line = await Line.opened(self._url, self._version, names.identity(self.number))
                await self._settle(line)
                pause_s = 0.5
                await self._stay(line)
            except ConnectionError:
                await asyncio.sleep(pause_s * self._random.uniform(0.5, 1.5))
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
            except ValueError as refusal:
                self.problems.append(str(refusal))
                line.close()

    async def _settle(self, line: Line) -> None:
        boot: dict[str, dict[str, Any]] = {
            "1.6": {"chargePointVendor": "Bench", "chargePointModel": "Model 16"},
            "2.0.1": {"reason": "PowerUp", "chargingStation": {"vendorName": "Bench", "model": "201"}},
        }
        await self._call(line, "BootNotification", boot[self._version])
        await self._call(line, "StatusNotification", self._status())
        self.settled_at = perf_counter()

    async def _stay(self, line: Line) -> None:
        """News, a heartbeat, a status in turn; what was cut off is told again first."""
        await self._tell_untold(line)
        await asyncio.sleep(self._random.uniform(0, self._period_s))
        while line.is_open:
            if not self.is_quiet:
                self.untold.append(_now())
            await self._tell_untold(line)
            await asyncio.sleep(self._period_s)
            await self._call(line, "Heartbeat", {})
            await asyncio.sleep(self._period_s)
            await self._call(line, "StatusNotification", self._status())
            await asyncio.sleep(self._period_s)

    async def _tell_untold(self, line: Line) -> None:
        while self.untold:
            moment = self.untold[0]
            await self._call(line, "MeterValues", self._meter_values(moment))
            self.told.append(self.untold.pop(0))

    async def _call(self, line: Line, action: str, payload: dict[str, Any]) -> None:
        self.calls += 1
        try:
            await line.call(action, payload)
        except ConnectionError:
            self.again += 1
            raise

    def _status(self) -> dict[str, Any]:
        status = self._random.choice(_STATUSES[self._version])
        if self._version == "1.6":
            return {"connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": _now()}
        return {"evseId": 1, "connectorId": 1, "connectorStatus": status, "timestamp": _now()}

    def _meter_values(self, moment: str) -> dict[str, Any]:
        number = "connectorId" if self._version == "1.6" else "evseId"
        value: Any = "1000" if self._version == "1.6" else 1000
        sample = {"value": value, "context": "Sample.Clock", "measurand": "Energy.Active.Import.Register"}
        return {number: 1, "meterValue": [{"timestamp": moment, "sampledValue": [sample]}]}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


if __name__ == "__main__":
    main()
