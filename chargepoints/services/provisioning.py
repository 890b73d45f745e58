"""Who a charger is: registration, secrets, boot, link."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from chargepoints import afterwork, calls, events, realtime, statements
from chargepoints.domain import reports
from chargepoints.models import ChargePoint, Connector, Evse, SupplyPoint, Tariff
from chargepoints.selectors.operators import topic_of
from chargepoints.services import commands, quirks, security
from chargepoints.services.security import hashed as hashed
from chargepoints.statements import Prepared

# Three missed heartbeats and the line is called dead; less flaps on mobile networks.
MISSED_HEARTBEATS = 3
# Signs of life are told to the database every now and then only.
LEAST_SILENCE_S = 180
_LIFE = ("pk", "connection_key", "heartbeat_interval_s", "last_heard_at", "connected_at")
# An interval of 0 lets the charger choose: some then flood, some fall silent and would be called away at once.
USUAL_HEARTBEAT_S = 300


@dataclass(frozen=True)
class EvseSpec:
    """What a new EVSE can do; powers in W."""

    number: int
    max_power_w: int
    standard: str = Connector.Standard.TYPE2
    min_power_w: int = 0
    max_discharge_w: int = 0
    phases: int = 3


@transaction.atomic
def register_charge_point(
    *,
    identity: str,
    supply_point: SupplyPoint,
    latitude: float,
    longitude: float,
    evses: Sequence[EvseSpec],
    tariff: Tariff | None = None,
    default_limit_w: int = 4200,
    heartbeat_interval_s: int = 300,
    secret: str = "",
) -> tuple[ChargePoint, str]:
    """Create a charge point with its EVSEs; the secret is returned once and only its hash is kept."""
    secret = secret or security.new_secret()
    charge_point = ChargePoint.objects.create(
        identity=identity,
        supply_point=supply_point,
        latitude=latitude,
        longitude=longitude,
        tariff=tariff,
        default_limit_w=default_limit_w,
        heartbeat_interval_s=heartbeat_interval_s,
        secret_hash=hashed(secret),
    )
    for spec in evses:
        evse = Evse.objects.create(
            charge_point=charge_point,
            number=spec.number,
            max_power_w=spec.max_power_w,
            min_power_w=spec.min_power_w,
            max_discharge_w=spec.max_discharge_w,
            phases=spec.phases,
        )
        Connector.objects.create(evse=evse, standard=spec.standard)
    return charge_point, secret


_CONNECTED = Prepared(
    lambda pk: ChargePoint.objects.select_for_update(no_key=True).filter(pk=pk).order_by().only("connection_key")
)


def connected(*, charge_point_id: int, connection_key: str, ocpp_version: str, now: datetime) -> None:
    """A new connection is the live one from now on; older ones are told to close."""
    with transaction.atomic():
        older = _CONNECTED.rows(charge_point_id)[0].connection_key
        statements.update(
            ChargePoint,
            {"id": charge_point_id},
            connection_key=connection_key,
            ocpp_version=ocpp_version,
            connected_at=now,
            last_heard_at=now,
        )
        follow_connection(charge_point_id=charge_point_id, connection_key=connection_key, older=older, now=now)


def follow_connection(*, charge_point_id: int, connection_key: str, older: str, now: datetime) -> None:
    """What follows where a connection is stored as the live one. ``older``: whose place it took, or empty."""
    if older not in ("", connection_key):
        transaction.on_commit(partial(calls.tell_replaced, charge_point_id, connection_key))
    afterwork.leave("connected", charge_point_id, now)
    events.announce(events.charge_point_connected, charge_point_id=charge_point_id)
    realtime.nudge("map", *topic_of(charge_point_id, "locations"))


def disconnected(*, charge_point_id: int, connection_key: str, now: datetime) -> None:
    """The line is gone, unless a newer connection has already taken its place."""
    with transaction.atomic():
        changed = ChargePoint.objects.filter(pk=charge_point_id, connection_key=connection_key).update(
            connection_key="", disconnected_at=now
        )
        if changed:
            follow_farewell(charge_point_id=charge_point_id)


def follow_farewell(*, charge_point_id: int) -> None:
    """What follows where it is stored that a charger has no connection."""
    events.announce(events.charge_point_disconnected, charge_point_id=charge_point_id)
    realtime.nudge("map", *topic_of(charge_point_id, "locations"))


def heard(*, charge_point_id: int, now: datetime) -> None:
    """Any frame counts as a sign of life."""
    statements.update(ChargePoint, {"id": charge_point_id}, last_heard_at=now)


_AT_BOOT = Prepared(lambda pk: ChargePoint.objects.select_for_update(no_key=True).filter(pk=pk).order_by())


def boot(*, charge_point_id: int, report: reports.Booted, now: datetime) -> ChargePoint:
    """Keep what the charger says of itself; the safe default limit follows (profile_keeping)."""
    told = told_at_boot(report)
    with transaction.atomic():
        charge_point = _AT_BOOT.rows(charge_point_id)[0]
        for name, value in told.items():
            setattr(charge_point, name, value)
        charge_point.heartbeat_interval_s = charge_point.heartbeat_interval_s or USUAL_HEARTBEAT_S
        charge_point.booted_at = charge_point.last_heard_at = now
        statements.save(charge_point, *told, "booted_at", "last_heard_at")
        if quirks.of(charge_point).dialect:
            quirks.note_dialect(charge_point)  # its next messages cannot be read without
        follow_boot(charge_point_id=charge_point_id, now=now)
    return charge_point


def told_at_boot(report: reports.Booted) -> dict[str, str]:
    """What a charger says of itself, as its row takes it."""
    return {
        "vendor": report.vendor[:50],
        "model": report.model[:50],
        "serial_number": report.serial_number[:50],
        "firmware_version": report.firmware_version[:50],
        "boot_reason": report.reason[:24],
    }


def follow_boot(*, charge_point_id: int, now: datetime) -> None:
    """What follows where a boot is stored."""
    afterwork.leave("booted", charge_point_id, now)
    events.announce(events.charge_point_booted, charge_point_id=charge_point_id)
    realtime.nudge("map", *topic_of(charge_point_id, "locations"))


def forget_silent_links(*, now: datetime) -> int:
    """Give up every charger that missed its heartbeats (a half-open socket, or its server was killed); how many.

    Whoever still holds such a connection closes it; what was under way on it waits for the next.
    """
    silent = [row for row in ChargePoint.objects.exclude(connection_key="").only(*_LIFE) if _is_silent(row, now)]
    for row in silent:
        with transaction.atomic():
            commands.release(charge_point_id=row.pk, connection_key=row.connection_key, now=now)
            disconnected(charge_point_id=row.pk, connection_key=row.connection_key, now=now)
            transaction.on_commit(partial(calls.tell_silent, row.pk, row.connection_key))
    return len(silent)


def _is_silent(row: ChargePoint, now: datetime) -> bool:
    heard_at = row.last_heard_at or row.connected_at
    limit_s = max((row.heartbeat_interval_s or USUAL_HEARTBEAT_S) * MISSED_HEARTBEATS, LEAST_SILENCE_S)
    return heard_at is not None and heard_at + timedelta(seconds=limit_s) < now
