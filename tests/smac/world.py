"""A supply point with prices, and sessions on it."""

from datetime import datetime, timedelta
from typing import Any

from chargepoints.domain.metering import ENERGY_IMPORT
from chargepoints.models import Command, Evse, MeterValue, SupplyPoint, Transaction
from chargepoints.services import commands, metering
from smac.models import ChargingNeed, Series, SeriesValue
from smac.services import needs
from tests import factories

NOW = factories.NOW
HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)


def prices(*steps: tuple[datetime, float], zone: str = "DE-LU", until: datetime = NOW + 30 * HOUR) -> Series:
    """A market price that changes at each step, known long before."""
    series, _ = Series.objects.get_or_create(kind=Series.Kind.IMPORT_PRICE, zone=zone, supply_point=None)
    ends = [start for start, _ in steps[1:]] + [until]
    for (start, price), end in zip(steps, ends, strict=True):
        at = start
        while at < end:
            value(series, at, price)
            at += QUARTER
    return series


def series(kind: str, point: SupplyPoint) -> Series:
    return Series.objects.create(kind=kind, supply_point=point)


def value(
    of: Series, at: datetime, number: float, *, known_at: datetime = NOW - 24 * HOUR, duration_s: int = 900
) -> None:
    SeriesValue.objects.create(series=of, starts_at=at, value=number, known_at=known_at, duration_s=duration_s)


def state(evse: Evse, driver: Any = None, *, now: datetime = NOW, **values: Any) -> ChargingNeed:
    """A need of 11 kW for two hours: 20 % to 50 % of 40 kWh."""
    usual = {
        "mode": "cheap",
        "battery_capacity_wh": 40_000,
        "soc_percent": 20.0,
        "target_soc_percent": 50.0,
        "departure_at": now + 2 * HOUR,
        "max_charge_w": 11_000,
    }
    return needs.state_need(evse=evse, driver=driver or factories.driver(), now=now, **{**usual, **values})


def running(evse: Evse, *, now: datetime = NOW, **values: Any) -> tuple[ChargingNeed, Transaction]:
    """A session that began at `now`."""
    driver = values.pop("driver", None) or factories.driver()
    need = state(evse, driver, now=now, **values)
    row = factories.transaction(evse, driver, started_at=now)
    attached = needs.attach(transaction=row, now=now)
    assert attached == need
    attached.refresh_from_db()
    return attached, row


def meter(row: Transaction, *readings: tuple[datetime, float]) -> Transaction:
    """Readings of the import register, Wh."""
    for at, wh in readings:
        MeterValue.objects.create(
            charge_point=row.charge_point,
            evse_number=row.evse.number,
            transaction=row,
            at=at,
            measurand=ENERGY_IMPORT,
            value=wh,
            unit="Wh",
        )
    metering.refresh(row)
    row.refresh_from_db()
    return row


def profiles(row: Transaction) -> list[Command]:
    return list(Command.objects.filter(transaction=row, kind="set_charging_profile").order_by("pk"))


def accept(command: Command, *, now: datetime = NOW) -> None:
    """The charger takes a command and all that wait before it, as the link would tell."""
    link = command.charge_point_id, command.charge_point.connection_key
    while (claimed := factories.taken(*link, now)) is not None:
        commands.answered(command_id=claimed.pk, accepted=True, answer={"status": "Accepted"}, now=now)


def limits(command: Command) -> list[tuple[int, float]]:
    """A profile's periods: (seconds from its start, W)."""
    return [(period["start_s"], period["limit_w"]) for period in command.payload["periods"]]
