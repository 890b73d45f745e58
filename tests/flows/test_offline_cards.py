"""Cards at a charger that cannot ask, over a real socket: the list that was sent decides, the same in both versions."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.utils import timezone

from chargepoints.models import ChargePoint, DeviceVariable, IdToken, LocalListEntry, Transaction
from chargepoints.services import authorization, local_lists, offline
from chargepoints.virtual import EvseSpec, Timing, Vehicle, VirtualChargePoint
from chargepoints.virtual.clock import Clock
from tests.flows.conftest import SECRET
from tests.servers import Stack

QUICK = Timing(backoff_first_s=0.05, backoff_max_s=0.2)
PATIENCE_S = 20
UNKNOWN = {"1.6": "AllowOfflineTxForUnknownId", "2.0.1": "OfflineTxForUnknownIdEnabled"}


async def rows(read: Callable[[], Any]) -> Any:
    return await database_sync_to_async(read)()


async def swept(charger: VirtualChargePoint, condition: Callable[[], bool]) -> None:
    """The sweeps as beat runs them, until the rows say so.

    Nudges of this process need not reach the server's: a new line asks for commands by itself.
    """
    async with asyncio.timeout(PATIENCE_S * 3):
        while not await rows(condition):
            await rows(lambda: (local_lists.sweep(now=timezone.now()), offline.sweep(now=timezone.now())))
            charger.drop_link()
            await charger.await_online(PATIENCE_S)
            await asyncio.sleep(0.5)


def in_step(version: str) -> bool:
    listed = dict(LocalListEntry.objects.values_list("token", "status"))
    unknown = DeviceVariable.objects.filter(name=UNKNOWN[version]).values_list("value", flat=True)
    return listed == {"DEADBEEF": "Accepted", "LOST": "Blocked"} and [value.lower() for value in unknown] == ["false"]


def two_cards() -> None:
    authorization.register_token(token="LOST")
    IdToken.objects.filter(key="LOST").update(status="blocked")


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a_charger_that_cannot_ask_takes_the_cards_of_its_list_and_no_others(
    version: str, charge_point: ChargePoint, token: IdToken, live_stack: Stack
) -> None:
    await rows(two_cards)
    charger = VirtualChargePoint(
        charge_point.identity,
        live_stack.ocpp_url,
        version,
        SECRET,
        [EvseSpec(max_power_w=11_000)],
        clock=Clock(),
        timing=QUICK,
    )
    async with charger:
        await charger.await_online(PATIENCE_S)
        await swept(charger, lambda: in_step(version))
        charger.drop_link(stay_down=True)
        await charger.plug_in(1, Vehicle(capacity_wh=60_000, energy_wh=12_000, efficiency=1.0))
        assert await charger.present_token(1, "NOBODY") != "Accepted"
        assert await charger.present_token(1, "LOST") != "Accepted"
        assert await charger.present_token(1, token.token) == "Accepted"
        await charger.tick(1_800)
        charger.restore_link()
        await charger.await_online(PATIENCE_S)
        await charger.await_delivered(PATIENCE_S)
        assert await charger.present_token(1, token.token) == "Accepted"
        await charger.unplug(1)
        await charger.await_delivered(PATIENCE_S)
        assert charger.violations == []
        metered_wh = charger.evse(1).meter.import_wh
    row = await rows(Transaction.objects.get)
    assert (row.state, row.id_token_id, row.flaw) == (Transaction.State.ENDED, token.pk, "")
    assert row.energy_wh == pytest.approx(metered_wh, abs=1)
    assert metered_wh > 1_000
