"""Sets the demo up and plays it: rows, curves, chargers, people."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from asgiref.sync import sync_to_async
from django.utils import timezone

from chargepoints.virtual.charge_point import VirtualChargePoint
from twinev.demo import bootstrap, fleet, offer, order, past, store_curves
from twinev.demo.district import DISTRICT
from twinev.demo.fleet import Key
from twinev.demo.play import PeopleAtPlay

logger = logging.getLogger(__name__)
REFRESH_EVERY_S = 3600.0
# The first cars are charging by then, so that the order has somebody to hit.
SETTLED_AFTER_S = 20.0
# A charger's own memory keeps a new password at once.
KEEP_SECRETS_EVERY_S = 2.0

Say = Callable[[str], None]


def prepare(folder: Path, say: Say) -> None:
    """Bring the database to where the demo can begin; on a second start almost nothing is left to do."""
    now = timezone.now()
    fresh = bootstrap.is_empty()
    if fresh:
        say("Building the district: two pilots, their chargers, people and cars")
        fleet.SecretFile(folder).save(bootstrap.build(DISTRICT, now=now))
    say("Storing prices, load and sun around today (recorded curves of other days, mapped onto these dates)")
    store_curves.store(DISTRICT, now=now, days_back=past.DAYS + 1 if fresh else 1)
    if fresh:
        say("Writing the sessions of the past two weeks")
        past.write(DISTRICT, now=now)
    bootstrap.lend_shared_car(now=now)


class Play:
    """The chargers and the people, as one background job of the embedded system."""

    def __init__(self, *, folder: Path, port: int) -> None:
        self._stations = fleet.StationFile(folder)
        self._secrets = fleet.SecretFile(folder)
        self._registers: Mapping[Key, float] = past.last_registers()
        self._url = f"ws://127.0.0.1:{port}/ocpp"

    async def run(self, stop: asyncio.Event) -> None:
        """Until ``stop``; then the chargers' state is kept, so that the next start goes on where this one ended."""
        chargers = fleet.make(
            DISTRICT,
            url=self._url,
            charger_secrets=self._secrets.load(),
            kept=self._stations.load(),
            registers=self._registers,
        )
        for charger in chargers.values():
            await charger.start()
        beside = [asyncio.create_task(_keep_fresh()), asyncio.create_task(self._keep_secrets(chargers))]
        try:
            await PeopleAtPlay(DISTRICT, chargers).play(stop)
        finally:
            for task in beside:
                task.cancel()
            self._secrets.keep(chargers)
            self._stations.save(chargers)
            await asyncio.gather(*(charger.stop() for charger in chargers.values()), return_exceptions=True)

    async def _keep_secrets(self, chargers: Mapping[str, VirtualChargePoint]) -> None:
        while True:
            self._secrets.keep(chargers)
            await asyncio.sleep(KEEP_SECRETS_EVERY_S)


async def _keep_fresh() -> None:
    """Curves of the next day, and an order and an offer whenever the last ones are over."""
    await asyncio.sleep(SETTLED_AFTER_S)
    while True:
        try:
            await sync_to_async(_refresh, thread_sensitive=False)()
        except Exception:
            logger.exception("The demo's curves, order or offer could not be refreshed")
        await asyncio.sleep(REFRESH_EVERY_S)


def _refresh() -> None:
    now = timezone.now()
    store_curves.store(DISTRICT, now=now, days_back=1)
    order.ensure(now=now)
    offer.ensure(now=now)
