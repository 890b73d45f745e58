"""The past fortnight's sessions, so that histories and statistics have something to tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Max

from chargepoints.domain.metering import ENERGY_IMPORT
from chargepoints.domain.quarters import by_quarter
from chargepoints.domain.tariff import EnergySlice, cost
from chargepoints.models import Evse, IdToken, MeterValue, Transaction
from chargepoints.services.transactions import cost_fields
from smac.services import costs, prices
from twinev.demo.specs import District
from twinev.demo.traffic import PastSession, history

Key = tuple[str, int]
DAYS = 14
STEP = timedelta(minutes=15)
# A full battery's last reading: from it on the curve lies on the ground until the car leaves.
FULL = timedelta(minutes=1)


@transaction.atomic
def write(district: District, *, now: datetime) -> int:
    """Store the drawn sessions of the past days as ended transactions with their meter values; how many."""
    sessions = history(until=now, days=DAYS, district=district)
    evses = {(row.charge_point.identity, row.number): row for row in _evses()}
    tokens = {token.token: token for token in IdToken.objects.all()}
    markets = _markets(evses.values(), now)
    registers: dict[Key, float] = {}
    rows: list[Transaction] = []
    readings: list[MeterValue] = []
    for session in sessions:
        key = (session.arrival.identity, session.arrival.evse_number)
        evse, begin_wh = evses[key], registers.get(key, 0.0)
        row = _transaction(session, evse, tokens[session.arrival.id_token], begin_wh)
        mine = _readings(row, session, key[1], begin_wh)
        _price(row, mine, evse, markets[evse.charge_point.supply_point.price_zone])
        registers[key] = begin_wh + session.energy_wh
        rows.append(row)
        readings += mine
    Transaction.objects.bulk_create(rows)
    MeterValue.objects.bulk_create(readings)
    return len(rows)


def _evses() -> Iterable[Evse]:
    related = Evse.objects.select_related("charge_point__supply_point", "charge_point__tariff")
    return related.prefetch_related("connectors")


def _markets(evses: Iterable[Evse], now: datetime) -> dict[str, Callable[[datetime], Decimal]]:
    """Each zone's prices of the past days, read once."""
    points = {evse.charge_point.supply_point.price_zone: evse.charge_point.supply_point for evse in evses}
    start = now - timedelta(days=DAYS + 1)
    return {
        zone: prices.reader(supply_point=point, start=start, end=now, known_at=now) for zone, point in points.items()
    }


def _price(
    row: Transaction, readings: list[MeterValue], evse: Evse, market_price_at: Callable[[datetime], Decimal]
) -> None:
    """Give a transaction its receipt, by the price function that all receipts come from."""
    pieces = by_quarter([(reading.at, reading.value) for reading in readings])
    receipt = cost(
        slices=[EnergySlice(start, wh) for start, wh in pieces if wh],
        terms=costs.terms_of(evse.charge_point),
        market_price_at=market_price_at,
    )
    for name, value in cost_fields(receipt).items():
        setattr(row, name, value)


def _transaction(session: PastSession, evse: Evse, token: IdToken, begin_wh: float) -> Transaction:
    car = session.arrival
    return Transaction(
        charge_point=evse.charge_point,
        evse=evse,
        connector=evse.connectors.all()[0],
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
    """The register every quarter of an hour while energy flowed, when it stopped, and at the end."""
    car = session.arrival
    flowing_s = max((session.charged_until - car.arrives_at).total_seconds(), 1.0)
    moments = [car.arrives_at]
    while moments[-1] + STEP < session.charged_until:
        moments.append(moments[-1] + STEP)
    moments += [at for at in (session.charged_until, session.charged_until + FULL) if at < car.departs_at]
    moments.append(car.departs_at)
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
