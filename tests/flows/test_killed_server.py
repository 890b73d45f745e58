"""The server is killed in the middle of a session: what chargers tell again counts once, and nothing is lost."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import timezone

from chargepoints.domain.metering import ENERGY_IMPORT
from chargepoints.models import ChargePoint, Command, IdToken, MeterValue, Transaction
from chargepoints.ocpp.reading import moment
from chargepoints.virtual import Clock, Vehicle, VirtualChargePoint
from tests import factories
from tests.flows.support import (
    BOTH_VERSIONS,
    PATIENCE_S,
    charge_point,
    charger,
    eventually,
    holding_the_loop,
    is_ready,
    rows,
)
from tests.servers import Stack

METER_EVERY_S = 60
TEN_MINUTES_S = 600
Reading = tuple[datetime, str, float]


@pytest.fixture
def station(transactional_db: None) -> ChargePoint:
    return charge_point()


@pytest.fixture
def card(driver: Any) -> IdToken:
    return factories.id_token(driver)


@BOTH_VERSIONS
async def test_a_session_outlives_the_servers_death_with_every_meter_value_once(
    version: str, station: ChargePoint, card: IdToken, live_stack: Stack
) -> None:
    machine = charger(station, live_stack, version, clock=Clock(), meter_every_s=METER_EVERY_S)
    async with machine:
        await is_ready(machine)
        machine.silence("GetCompositeSchedule", times=1)
        await machine.plug_in(1, Vehicle())
        assert await machine.present_token(1, card.token) == "Accepted"
        asked = await eventually(_asked_in_vain, "a command waits for its answer")
        await machine.tick(TEN_MINUTES_S)
        await machine.await_delivered(PATIENCE_S)

        await _die_between_storing_and_answering(machine, live_stack)
        assert await rows(lambda: Command.objects.get(pk=asked).status) == "sent"
        await machine.tick(TEN_MINUTES_S)
        await rows(live_stack.start)
        machine.restore_link()
        await machine.await_delivered(PATIENCE_S)
        await machine.duplicate_last(new_id=True)

        await machine.tick(TEN_MINUTES_S)
        assert await machine.present_token(1, card.token) == "Accepted"
        await machine.await_delivered(PATIENCE_S)
        assert machine.violations == []
        await rows(_everything_is_stored_once, machine)
        await eventually(lambda: not Command.objects.filter(status__in=["queued", "sent"]).exists(), "all is settled")
        await rows(_the_command_was_said_again, asked)


def _asked_in_vain() -> int | None:
    """The read-back of the session's first profile, which the charger does not answer."""
    return Command.objects.filter(kind="get_composite_schedule", status="sent").values_list("pk", flat=True).first()


async def _die_between_storing_and_answering(machine: VirtualChargePoint, stack: Stack) -> None:
    """The worst moment: the fact is in the database, and the charger has not heard so."""
    told = len(_calls(machine))
    await machine.tick(TEN_MINUTES_S)
    await machine.wait_for(lambda one: len(_calls(one)) > told, PATIENCE_S)
    *_, (at, context, _value) = _readings(machine)
    stored = MeterValue.objects.filter(at=at, context=context, measurand=ENERGY_IMPORT)
    holding_the_loop(stored.exists, "the first of the new values is stored")
    stack.kill()
    machine.drop_link(stay_down=True)
    assert len(machine.link.outbox) >= TEN_MINUTES_S / METER_EVERY_S


def _calls(machine: VirtualChargePoint) -> list[dict[str, Any]]:
    actions = ("StartTransaction", "MeterValues", "StopTransaction", "TransactionEvent")
    return [frame.payload for frame in machine.frames if frame.sent and frame.kind == 2 and frame.action in actions]


def _readings(machine: VirtualChargePoint) -> list[Reading]:
    """What the charger said of its register, in the order in which it was first said."""
    found: dict[Reading, None] = {}
    for payload in _calls(machine):
        for name, context in (("meterStart", "Transaction.Begin"), ("meterStop", "Transaction.End")):
            if name in payload:
                found[(_at(payload), context, float(payload[name]))] = None
        for block in payload.get("meterValue", []):
            for sample in block["sampledValue"]:
                if sample["measurand"] == ENERGY_IMPORT:
                    found[(_at(block), sample["context"], float(sample["value"]))] = None
    return list(found)


def _at(payload: dict[str, Any]) -> datetime:
    return moment(payload["timestamp"], timezone.now())


def _everything_is_stored_once(machine: VirtualChargePoint) -> None:
    row = Transaction.objects.get()
    kept = MeterValue.objects.filter(measurand=ENERGY_IMPORT)
    assert sorted(kept.values_list("at", "context", "value")) == sorted(_readings(machine))
    assert kept.count() > 3 * TEN_MINUTES_S / METER_EVERY_S
    assert set(kept.values_list("transaction", "flaw")) == {(row.pk, "")}
    assert (row.state, row.flaw) == (Transaction.State.ENDED, "")
    assert row.ended_at is not None
    assert (row.ended_at - row.started_at).total_seconds() == 4 * TEN_MINUTES_S
    assert row.energy_wh == pytest.approx(machine.evse().meter.import_wh, abs=1)
    assert row.energy_wh > 0


def _the_command_was_said_again(pk: int) -> None:
    command = Command.objects.get(pk=pk)
    steps = list(command.changes.values_list("status", flat=True))
    assert steps == ["queued", "sent", "queued", "sent", "accepted"]
