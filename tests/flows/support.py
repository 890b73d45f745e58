"""What the flow tests share: a charger on the wire, a driver's phone, and waiting for what has to come."""

import asyncio
import itertools
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import connection
from django.test import Client

from chargepoints.domain.quarters import QUARTER, quarter_start
from chargepoints.models import ChargePoint, CompositeSchedule, Evse
from chargepoints.virtual import Clock, EvseSpec, Timing, VirtualChargePoint
from smac.models import Series
from smac.services.prices import store_values
from tests import factories
from tests.servers import Stack

BOTH_VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
POWER_W = 11_000
SAFE_DEFAULT_W = 4_200
# Three phases of 6 A: the least that a car can be told.
LEAST_W = 4_140
PATIENCE_S = 20.0
_QUICK = Timing(backoff_first_s=0.05, backoff_max_s=0.2, live_period_s=0.1)
_LOOK_EVERY_S = 0.05
_CSRF = "c" * 32


def charge_point(**values: Any) -> ChargePoint:
    """A registered charge point of 11 kW that has never connected."""
    row = factories.charge_point(connected=False, max_power_w=POWER_W, **values)
    Evse.objects.filter(charge_point=row).update(min_power_w=LEAST_W)
    return row


def charger(row: ChargePoint, stack: Stack, version: str, *, clock: Clock, meter_every_s: int) -> VirtualChargePoint:
    """The machine to the row. A clock of speed 0 moves by ``tick`` only."""
    return VirtualChargePoint(
        row.identity,
        stack.ocpp_url,
        version,
        factories.SECRET,
        [EvseSpec(max_power_w=POWER_W)],
        clock=clock,
        meter_interval_s=meter_every_s,
        timing=_QUICK,
    )


async def is_ready(machine: VirtualChargePoint) -> None:
    """Booted, and under the safe default limit."""
    await machine.await_online(PATIENCE_S)
    await machine.wait_for(lambda one: one.limit_w() == SAFE_DEFAULT_W, PATIENCE_S)


async def rows(work: Callable[..., Any], *arguments: Any) -> Any:
    """Ask the database (or the server) beside the event loop."""
    return await database_sync_to_async(work)(*arguments)


async def eventually(condition: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
    """The first true answer of ``condition``; AssertionError when none has come by the deadline."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience_s
    while not (found := await rows(condition)):
        assert loop.time() < deadline, f"not within {patience_s:.0f} s: {what}"
        await asyncio.sleep(_LOOK_EVERY_S)
    return found


def holding_the_loop(condition: Callable[[], Any], what: str) -> None:
    """Wait for rows while nothing else of this process runs: no charger hears or says anything meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(_until_in_thread, condition, what).result()


def _until_in_thread(condition: Callable[[], Any], what: str) -> None:
    try:
        until(condition, what)
    finally:
        connection.close()


def until(condition: Callable[[], Any], what: str) -> None:
    """Like ``eventually``, where there is no event loop."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S:.0f} s: {what}"
        time.sleep(_LOOK_EVERY_S)


class Phone:
    """A driver's browser, logged in at the running system."""

    def __init__(self, stack: Stack, user: Any) -> None:
        self._url = stack.url
        self.cookies = f"{cookie_of(user)}; csrftoken={_CSRF}"

    def get(self, path: str) -> tuple[int, str]:
        """Status and text, after redirects."""
        return self._ask(path, None)

    def post(self, path: str, **fields: Any) -> tuple[int, str]:
        """Send a form; status and text, after redirects."""
        return self._ask(path, urllib.parse.urlencode(fields).encode())

    def _ask(self, path: str, body: bytes | None) -> tuple[int, str]:
        headers = {"Cookie": self.cookies, "X-CSRFToken": _CSRF}
        request = urllib.request.Request(self._url + path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


def cookie_of(user: Any) -> str:
    """The cookie of a session in which the user is logged in."""
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


def market_prices(values: Sequence[float], *, zone: str, since: datetime) -> None:
    """Market prices per kWh, quarter by quarter."""
    series = Series.objects.create(kind=Series.Kind.IMPORT_PRICE, zone=zone)
    first = quarter_start(since)
    known = [(first + QUARTER * index, value) for index, value in enumerate(values)]
    store_values(series=series, values=known, known_at=first)


def told_limits(schedule: CompositeSchedule) -> list[tuple[datetime, float]]:
    """A schedule that was read back, as (moment from which it holds, W)."""
    return [(schedule.starts_at + timedelta(seconds=start_s), limit_w) for start_s, limit_w in schedule.periods]


def energy_between_wh(limits: Sequence[tuple[datetime, float]], start: datetime, end: datetime) -> float:
    """The most that may flow under these limits in [start, end)."""
    total = 0.0
    changes = [*limits, (end, 0.0)]
    for (begin, limit_w), (until, _) in itertools.pairwise(changes):
        seconds = (min(until, end) - max(begin, start)).total_seconds()
        total += limit_w * max(seconds, 0.0) / 3600
    return total
