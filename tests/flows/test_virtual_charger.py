"""The virtual charger at the running system, over a real socket: the same story in both versions."""

import pytest
from channels.db import database_sync_to_async

from chargepoints.models import ChargePoint, Connector, IdToken, OcppMessage, Transaction
from chargepoints.virtual import EvseSpec, Timing, Vehicle, VirtualChargePoint
from chargepoints.virtual.clock import Clock
from tests.flows.conftest import SECRET
from tests.servers import Stack

SAFE_DEFAULT_W = 4_200
HALF_HOUR_S = 1_800
QUICK = Timing(backoff_first_s=0.05, backoff_max_s=0.2)
PATIENCE_S = 20


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a_session_under_the_safe_limit_survives_a_lost_line(
    version: str, charge_point: ChargePoint, token: IdToken, live_stack: Stack
) -> None:
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
        await charger.wait_for(lambda one: one.received("SetChargingProfile"), PATIENCE_S)
        assert charger.limit_w() == SAFE_DEFAULT_W
        await charger.plug_in(1, Vehicle(capacity_wh=60_000, energy_wh=12_000, efficiency=1.0))
        assert await charger.present_token(1, token.token) == "Accepted"
        await charger.tick(HALF_HOUR_S)
        await charger.await_delivered(PATIENCE_S)

        charger.drop_link(stay_down=True)
        await charger.tick(HALF_HOUR_S)
        charger.restore_link()
        await charger.await_online(PATIENCE_S)
        assert await charger.present_token(1, token.token) == "Accepted"
        await charger.unplug(1)
        await charger.await_delivered(PATIENCE_S)
        assert charger.violations == []
        metered_wh = charger.evse(1).meter.import_wh
    assert metered_wh > 1_000
    await database_sync_to_async(_one_session_of_an_hour_is_stored)(token, metered_wh)


def _one_session_of_an_hour_is_stored(token: IdToken, metered_wh: float) -> None:
    row = Transaction.objects.get()
    assert (row.state, row.id_token_id, row.flaw) == (Transaction.State.ENDED, token.pk, "")
    assert row.energy_wh == pytest.approx(metered_wh, abs=1)
    assert row.ended_at is not None
    assert (row.ended_at - row.started_at).total_seconds() == pytest.approx(2 * HALF_HOUR_S, abs=60)
    assert Connector.objects.get().status == "available"
    assert not OcppMessage.objects.filter(message_type=4).exists()
