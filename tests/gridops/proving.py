"""Sessions with their meter and what their chargers were told, for ledgers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from chargepoints.models import ChargePoint, ChargingProfile, Command, CompositeSchedule, MeterValue, Transaction
from tests import factories
from tests.factories import NOW, minutes

IMPORT, EXPORT = "Energy.Active.Import.Register", "Energy.Active.Export.Register"


def charging(
    point: ChargePoint, power_w: float, *, start: float = -60, until: float = 120, every: int = 5, **values: Any
) -> Transaction:
    """A session that began ``start`` minutes after NOW, whose register rises evenly until ``until``."""
    row = factories.transaction(point.evses.get(), started_at=NOW + minutes(start), **values)
    meter(row, [(minute, power_w * (minute - start) / 60) for minute in range(int(start), int(until) + 1, every)])
    return row


def meter(row: Transaction, readings: list[tuple[float, float]], measurand: str = IMPORT) -> None:
    """Readings: (minutes after NOW, value)."""
    MeterValue.objects.bulk_create(
        MeterValue(
            charge_point_id=row.charge_point_id,
            evse_number=1,
            transaction=row,
            at=NOW + minutes(minute),
            measurand=measurand,
            location="Outlet",
            value=value,
        )
        for minute, value in readings
    )


def told(row: Transaction, limit_w: float, *, at: float = -5, status: str = "accepted", **values: Any) -> Command:
    """A limit sent ``at`` minutes after NOW and answered a second later."""
    sent = NOW + minutes(at)
    was_sent = status not in ("queued", "expired", "superseded")
    answered = status in ("accepted", "rejected", "failed", "timed_out")
    command = Command.objects.create(
        charge_point_id=row.charge_point_id,
        transaction=row,
        kind=Command.Kind.SET_CHARGING_PROFILE,
        status=status,
        created_at=sent,
        sent_at=sent if was_sent else None,
        settled_at=sent + timedelta(seconds=1) if answered else None,
        expires_at=sent + minutes(15),
    )
    usual = {"starts_at": sent, "periods": [[0, limit_w]], "purpose": "tx", "evse_id": row.evse_id}
    ChargingProfile.objects.create(
        **{"charge_point_id": row.charge_point_id, "transaction": row, "command": command, **usual, **values}
    )
    return command


def read_back(row: Transaction, limit_w: float, *, at: float = -4) -> None:
    """What the charger said then for the day to come."""
    moment = NOW + minutes(at)
    CompositeSchedule.objects.create(
        evse_id=row.evse_id, starts_at=moment, duration_s=86_400, periods=[[0, limit_w]], read_at=moment
    )


def gone(point: ChargePoint) -> None:
    """The charger's connection is lost since half an hour before NOW."""
    ChargePoint.objects.filter(pk=point.pk).update(connection_key="", disconnected_at=NOW - minutes(30))
    point.refresh_from_db()
