"""Sessions that a charge card began at the charger: the app takes them up, with a wish that is assumed until told."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from chargepoints.domain.transaction import TransactionState
from chargepoints.models import Transaction
from chargepoints.services import authorization
from drivers.models import ChargeSession, Vehicle
from drivers.services import plugs, sessions, vehicles
from smac.models import ChargingNeed
from smac.services import guessing, needs

# News that are older were missed for good: their charge is on the bill, but no screen waits for it.
_LOOK_BACK = timedelta(hours=1)


def unclaimed() -> QuerySet[Transaction]:
    """Transactions that a driver's own card began, and that no session shows."""
    cards = Transaction.objects.filter(charge_session=None, evse__isnull=False, driver__isnull=False)
    return cards.exclude(id_token=None).exclude(id_token__type=authorization.APP_TOKEN_TYPE)


def lost(now: datetime) -> QuerySet[Transaction]:
    """Those of them that run and whose news may have been lost; a driver with another session has that shown."""
    running = unclaimed().filter(state=TransactionState.ACTIVE, started_at__gt=now - _LOOK_BACK)
    return running.exclude(driver__charge_sessions__state__in=vehicles.OPEN_STATES)


def take_up(*, row: Transaction, now: datetime) -> ChargeSession | None:
    """The session of a transaction that a card began; None where it is nobody's, or its driver has another one.

    What an offline charger tells of when all is over becomes a summary at once.
    """
    if not unclaimed().filter(pk=row.pk).exists():
        return None
    try:
        with transaction.atomic():
            return _create(row, now)
    except IntegrityError:
        return None  # a session of the same driver, or the same need, was faster


def _create(row: Transaction, now: datetime) -> ChargeSession | None:
    sessions.close_summaries(driver=row.driver, now=now)
    if row.driver is None or row.evse is None or sessions.open_session(row.driver) is not None:
        return None
    need = needs.attach(transaction=row, now=now) or _assumed(row)
    session = ChargeSession.objects.create(
        driver=row.driver,
        vehicle=_only_vehicle(row, now),
        evse=row.evse,
        reservation=row.reservation,
        need=need,
        transaction=row,
        state=ChargeSession.State.CHARGING,
        started_by_card=True,
        requested_at=row.started_at,
        planned_end_at=need.departure_at,
    )
    sessions.tell(session)
    return session


def _assumed(row: Transaction) -> ChargingNeed:
    """Of a session that was over before it was told of: nothing is planned for it any more."""
    assert row.evse is not None
    found = guessing.guess(driver_id=row.driver_id, now=row.started_at)
    return ChargingNeed.objects.create(
        evse=row.evse,
        transaction=row,
        driver_id=row.driver_id,
        status=ChargingNeed.Status.CLOSED,
        closed_at=row.ended_at,
        stated_at=row.started_at,
        departure_at=row.ended_at or row.started_at,
        is_assumed=True,
        battery_capacity_wh=found.capacity_wh,
        soc_percent=found.soc_percent,
        soc_origin=found.origin,
        soc_uncertainty_percent=found.uncertainty_percent,
        target_soc_percent=needs.ASSUMED_TARGET_PERCENT,
        max_charge_w=row.evse.max_power_w,
    )


def _only_vehicle(row: Transaction, now: datetime) -> Vehicle | None:
    """The driver's vehicle, where only one can be plugged in there."""
    assert row.evse is not None
    sockets = [connector.standard for connector in row.evse.connectors.all()]
    fitting = [car for car in vehicles.usable(row.driver, now) if plugs.best(car.connector_standard, sockets)]
    return fitting[0] if len(fitting) == 1 else None
