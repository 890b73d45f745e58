"""The past fortnight's sessions, so that histories and statistics have something to tell."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from chargepoints.domain.metering import ENERGY_IMPORT
from chargepoints.models import Evse, IdToken, MeterValue, Transaction
from smac.services import costs
from twinev.demo.specs import District
from twinev.demo.traffic import PastSession, history

DAYS = 14
STEP = timedelta(minutes=15)


@transaction.atomic
def write(district: District, *, now: datetime) -> int:
    """Store the drawn sessions of the past days as ended transactions with their meter values; how many."""
    sessions = history(until=now, days=DAYS, district=district)
    evses = {(row.charge_point.identity, row.number): row for row in Evse.objects.select_related("charge_point")}
    tokens = {token.token: token for token in IdToken.objects.all()}
    registers: dict[tuple[str, int], float] = {}
    for session in sessions:
        key = (session.arrival.identity, session.arrival.evse_number)
        begin_wh = registers.get(key, 0.0)
        row = _transaction(session, evses[key], tokens[session.arrival.id_token], begin_wh)
        MeterValue.objects.bulk_create(_readings(row, session, key[1], begin_wh))
        registers[key] = begin_wh + session.energy_wh
        costs.settle(transaction=row, now=now)
    return len(sessions)


def _transaction(session: PastSession, evse: Evse, token: IdToken, begin_wh: float) -> Transaction:
    car = session.arrival
    return Transaction.objects.create(
        charge_point=evse.charge_point,
        evse=evse,
        connector=evse.connectors.first(),
        remote_id=f"past-{car.identity}-{int(car.arrives_at.timestamp())}"[:36],
        state=Transaction.State.ENDED,
        token=token.key,
        id_token=token,
        driver_id=token.driver_id,
        started_at=car.arrives_at,
        ended_at=car.departs_at,
        meter_start_wh=begin_wh,
        meter_stop_wh=begin_wh + session.energy_wh,
        energy_wh=session.energy_wh,
        soc_percent=session.reached_soc_percent,
        last_value_at=car.departs_at,
        stop_reason="EVDisconnected",
    )


def _readings(row: Transaction, session: PastSession, evse_number: int, begin_wh: float) -> list[MeterValue]:
    """The register every quarter of an hour while energy flowed, and at the end."""
    car = session.arrival
    flowing_s = max((session.charged_until - car.arrives_at).total_seconds(), 1.0)
    moments = [car.arrives_at]
    while moments[-1] + STEP < session.charged_until:
        moments.append(moments[-1] + STEP)
    moments += [session.charged_until, car.departs_at]
    readings = []
    for at in sorted(set(moments)):
        share = min((at - car.arrives_at).total_seconds() / flowing_s, 1.0)
        context = "Transaction.Begin" if at == car.arrives_at else "Sample.Periodic"
        readings.append(
            MeterValue(
                charge_point=row.charge_point,
                evse_number=evse_number,
                transaction=row,
                at=at,
                measurand=ENERGY_IMPORT,
                location="Outlet",
                context="Transaction.End" if at == car.departs_at else context,
                value=begin_wh + session.energy_wh * share,
                unit="Wh",
            )
        )
    return readings


def last_registers() -> dict[tuple[str, int], float]:
    """Where each EVSE's register stands, by identity and number, in Wh: virtual meters go on from there."""
    ended = Transaction.objects.filter(meter_stop_wh__isnull=False, evse__isnull=False)
    rows = ended.values_list("charge_point__identity", "evse__number").annotate(last_wh=Max("meter_stop_wh"))
    return {(identity, number): last_wh for identity, number, last_wh in rows}
