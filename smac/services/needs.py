"""Drivers' wishes: stated before a session, attached to its transaction, closed with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction as database
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.errors import Refused
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import Evse, Transaction
from smac.models import ChargingNeed
from smac.selectors import ANNOUNCED_FOR
from smac.services.requests import request
from smac.snapshot.sessions import energy_wh

# A car that comes with a card only tells nothing. Assumed is what serves most: a middle-sized battery, a quarter full,
# a stay of four hours, charged evenly to what spares it. The row says that it is assumed, and so do the pages.
ASSUMED_CAPACITY_WH = 50_000
ASSUMED_SOC_PERCENT = 25.0
ASSUMED_TARGET_PERCENT = 80.0
ASSUMED_STAY = timedelta(hours=4)
_LONGEST_STAY = timedelta(days=7)

_CHANGEABLE = frozenset(
    {"mode", "target_soc_percent", "departure_at", "v2g_allowed", "floor_soc_percent", "soc_percent"}
)


@database.atomic
def state_need(
    *,
    evse: Evse,
    driver: Any,
    mode: str,
    battery_capacity_wh: int,
    soc_percent: float,
    target_soc_percent: float,
    departure_at: datetime,
    now: datetime,
    v2g_allowed: bool = False,
    floor_soc_percent: float = 20.0,
    max_charge_w: int = 0,
    min_charge_w: int = 0,
    max_discharge_w: int = 0,
) -> ChargingNeed:
    """Announce what a driver wants at an EVSE. An earlier announcement of the same driver there is replaced.

    `max_charge_w` 0 means that the car takes what the charger gives. Raises Refused.
    """
    need = ChargingNeed(
        evse=evse,
        driver=driver,
        mode=mode,
        battery_capacity_wh=battery_capacity_wh,
        soc_percent=soc_percent,
        target_soc_percent=target_soc_percent,
        departure_at=departure_at,
        stated_at=now,
        v2g_allowed=v2g_allowed,
        floor_soc_percent=floor_soc_percent,
        max_charge_w=max_charge_w or evse.max_power_w,
        min_charge_w=min_charge_w,
        max_discharge_w=max_discharge_w,
    )
    _check(need, now)
    older = ChargingNeed.objects.filter(evse=evse, driver=driver, status=ChargingNeed.Status.ANNOUNCED)
    older.update(status=ChargingNeed.Status.CLOSED, closed_at=now)
    need.save()
    _replan(need, "need stated", now)
    return need


def _check(need: ChargingNeed, now: datetime) -> None:
    if need.mode not in ChargingNeed.Mode.values:
        raise Refused(_("This charging mode does not exist."))
    if need.battery_capacity_wh <= 0:
        raise Refused(_("The battery capacity is missing."))
    if not 0 <= need.soc_percent <= 100:
        raise Refused(_("The battery charge must be between 0 and 100 %."))
    if not 0 < need.target_soc_percent <= 100:
        raise Refused(_("The wanted charge must be between 1 and 100 %."))
    if not 0 <= need.floor_soc_percent <= 100:
        raise Refused(_("The floor must be between 0 and 100 %."))
    if need.departure_at <= now:
        raise Refused(_("The departure must be in the future."))
    if need.departure_at > now + _LONGEST_STAY:
        raise Refused(_("The departure is too far away: seven days at most."))


@database.atomic
def change_need(*, need: ChargingNeed, changes: Mapping[str, Any], now: datetime) -> ChargingNeed:
    """Change a wish while it is open: mode, target, departure, V2G and floor, or the battery's charge as of now.

    Raises Refused, also when the session is over, and ValueError for a field that cannot change.
    """
    if unknown := set(changes) - _CHANGEABLE:
        raise ValueError(f"a need's {', '.join(sorted(unknown))} cannot change")
    need = ChargingNeed.objects.select_related("transaction", "evse__charge_point").get(pk=need.pk)
    if need.status == ChargingNeed.Status.CLOSED:
        raise Refused(_("This session is over."))
    drawn_percent = energy_wh(need) / need.battery_capacity_wh * 100 - need.soc_percent
    for name, value in changes.items():
        setattr(need, name, value)
    _check(need, now)
    if "soc_percent" in changes:
        # Stored is the charge at the start, from which the meter counts on.
        need.soc_percent -= drawn_percent
        need.is_assumed = False
    need.save(update_fields=[*changes, "is_assumed"])
    _replan(need, "need changed", now)
    return need


@database.atomic
def attach(*, transaction: Transaction, now: datetime) -> ChargingNeed | None:
    """Give a transaction its need: the driver's announced one, else an assumed one. A repeat changes nothing.

    None when the transaction is over or its EVSE is not known.
    """
    if (known := ChargingNeed.objects.filter(transaction=transaction).first()) is not None:
        return known
    if transaction.evse is None or transaction.state != TransactionState.ACTIVE:
        return None
    _close_left_open(transaction.evse, now)
    need = _announced(transaction, now) or _assumed(transaction, transaction.evse, now)
    need.transaction = transaction
    need.status = ChargingNeed.Status.RUNNING
    need.save()
    _replan(need, "session started", now)
    return need


def _close_left_open(evse: Evse, now: datetime) -> None:
    """An EVSE serves one vehicle: whoever was there is gone, even if nobody said so."""
    running = ChargingNeed.objects.filter(evse=evse, status=ChargingNeed.Status.RUNNING)
    running.update(status=ChargingNeed.Status.CLOSED, closed_at=now)


def _announced(transaction: Transaction, now: datetime) -> ChargingNeed | None:
    if transaction.driver_id is None:
        return None
    announced = ChargingNeed.objects.filter(
        evse=transaction.evse,
        driver_id=transaction.driver_id,
        status=ChargingNeed.Status.ANNOUNCED,
        stated_at__gt=now - ANNOUNCED_FOR,
    )
    return announced.order_by("-stated_at", "-pk").first()


def _assumed(transaction: Transaction, evse: Evse, now: datetime) -> ChargingNeed:
    return ChargingNeed(
        evse=evse,
        driver_id=transaction.driver_id,
        mode=ChargingNeed.Mode.BASIC,
        stated_at=now,
        departure_at=now + ASSUMED_STAY,
        is_assumed=True,
        battery_capacity_wh=ASSUMED_CAPACITY_WH,
        soc_percent=ASSUMED_SOC_PERCENT,
        target_soc_percent=ASSUMED_TARGET_PERCENT,
        max_charge_w=evse.max_power_w,
    )


@database.atomic
def close(*, transaction: Transaction, now: datetime) -> None:
    """End the need of a transaction that ended; a repeat changes nothing."""
    need = ChargingNeed.objects.filter(transaction=transaction).select_related("evse__charge_point").first()
    if need is not None:
        _end(need, "session ended", now)


@database.atomic
def withdraw(*, need: ChargingNeed, now: datetime) -> None:
    """Take back an announced need: the driver does not come, or the start failed."""
    if need.status == ChargingNeed.Status.ANNOUNCED:
        _end(need, "need withdrawn", now)


def _end(need: ChargingNeed, reason: str, now: datetime) -> None:
    still_open = ChargingNeed.objects.filter(pk=need.pk).exclude(status=ChargingNeed.Status.CLOSED)
    if still_open.update(status=ChargingNeed.Status.CLOSED, closed_at=now):
        _replan(need, reason, now)


def _replan(need: ChargingNeed, reason: str, now: datetime) -> None:
    request(supply_point_id=need.evse.charge_point.supply_point_id, reason=reason, now=now)
