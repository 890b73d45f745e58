"""Drivers' wishes: stated before a session, attached to its transaction, closed with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction as database
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.errors import Refused
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import Evse, Transaction
from smac.models import ChargingNeed, NeedTarget
from smac.selectors import ANNOUNCED_FOR
from smac.services import guessing
from smac.services.requests import request
from smac.snapshot.sessions import energy_wh
from smac.typical import TYPICAL

_Origin = ChargingNeed.SocOrigin

# A car that comes with a card only tells nothing: typical values are assumed. The row says so, and so do the pages.
ASSUMED_CAPACITY_WH = TYPICAL.capacity_wh
ASSUMED_SOC_PERCENT = TYPICAL.soc_percent
ASSUMED_TARGET_PERCENT = TYPICAL.target_percent
ASSUMED_STAY = TYPICAL.stay
_LONGEST_STAY = timedelta(days=7)

_CHANGEABLE = frozenset(
    {"mode", "target_soc_percent", "departure_at", "v2g_allowed", "floor_soc_percent", "soc_percent"}
    | {"battery_capacity_wh", "max_charge_w", "min_charge_w", "max_discharge_w"}
)


@dataclass(frozen=True, slots=True)
class Car:
    """What is known of a car beside its battery and its powers; None: as usual."""

    phases: int | None = None
    charge_efficiency: float | None = None
    discharge_efficiency: float | None = None
    taper_from_percent: float | None = None
    wear_cost_per_kwh: Decimal | None = None

    def facts(self) -> dict[str, Any]:
        """What is known, by the field of ChargingNeed."""
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in told.items() if value is not None}


@database.atomic
def state_need(
    *,
    evse: Evse,
    driver: Any,
    mode: str,
    battery_capacity_wh: int,
    soc_percent: float | None,
    target_soc_percent: float,
    departure_at: datetime,
    now: datetime,
    earlier_targets: Sequence[tuple[datetime, float]] = (),
    car: Car | None = None,
    v2g_allowed: bool = False,
    floor_soc_percent: float = 20.0,
    max_charge_w: int = 0,
    min_charge_w: int = 0,
    max_discharge_w: int = 0,
) -> ChargingNeed:
    """Announce what a driver wants at an EVSE. An earlier announcement of the same driver there is replaced.

    `soc_percent` None: the driver does not know it. `earlier_targets` are charges to be reached on the way: (moment,
    per cent). `max_charge_w` 0 means that the car takes what the charger gives. Raises Refused.
    """
    need = ChargingNeed(
        evse=evse,
        driver=driver,
        mode=mode,
        battery_capacity_wh=battery_capacity_wh,
        **_charge(soc_percent, driver, battery_capacity_wh, now),
        **(car or Car()).facts(),
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
    _check_targets(need, earlier_targets, now)
    older = ChargingNeed.objects.filter(evse=evse, driver=driver, status=ChargingNeed.Status.ANNOUNCED)
    older.update(status=ChargingNeed.Status.CLOSED, closed_at=now)
    need.save()
    NeedTarget.objects.bulk_create(NeedTarget(need=need, at=at, soc_percent=soc) for at, soc in earlier_targets)
    _replan(need, "need stated", now)
    return need


def _charge(soc_percent: float | None, driver: Any, capacity_wh: int, now: datetime) -> dict[str, Any]:
    """The charge as said, or as guessed, with its origin."""
    if soc_percent is not None:
        stated = guessing.STATED_UNCERTAINTY_PERCENT
        return {"soc_percent": soc_percent, "soc_origin": _Origin.STATED, "soc_uncertainty_percent": stated}
    found = guessing.guess(driver_id=driver.pk if driver else None, now=now, capacity_wh=capacity_wh)
    return _as_fields(found)


def _as_fields(found: guessing.Guess) -> dict[str, Any]:
    return {
        "soc_percent": found.soc_percent,
        "soc_origin": found.origin,
        "soc_uncertainty_percent": found.uncertainty_percent,
    }


def _check_targets(need: ChargingNeed, targets: Sequence[tuple[datetime, float]], now: datetime) -> None:
    if len({at for at, _ in targets}) < len(targets):
        raise Refused(_("One charge at a moment is enough."))
    for at, percent in targets:
        if not 0 < percent <= 100:
            raise Refused(_("The wanted charge must be between 1 and 100 %."))
        if not now < at < need.departure_at:
            raise Refused(_("A charge on the way must be wanted before the departure."))


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
    """Change a wish while it is open: mode, target, departure, V2G and floor, or the battery's charge as of now; and
    which car it is (its capacity and powers), where it began with a card.

    Raises Refused, also when the session is over, and ValueError for a field that cannot change.
    """
    if unknown := set(changes) - _CHANGEABLE:
        raise ValueError(f"a need's {', '.join(sorted(unknown))} cannot change")
    need = ChargingNeed.objects.select_related("transaction", "evse__charge_point").get(pk=need.pk)
    if need.status == ChargingNeed.Status.CLOSED:
        raise Refused(_("This session is over."))
    drawn_wh = energy_wh(need) - need.soc_percent / 100 * need.battery_capacity_wh
    for name, value in changes.items():
        setattr(need, name, value)
    _check(need, now)
    if "soc_percent" in changes:
        # Stored is the charge at the start, from which the meter counts on.
        need.soc_percent -= drawn_wh / need.battery_capacity_wh * 100
        need.is_assumed = False
        need.soc_origin, need.soc_uncertainty_percent = _Origin.STATED, guessing.STATED_UNCERTAINTY_PERCENT
    need.save(update_fields=[*changes, "is_assumed", "soc_origin", "soc_uncertainty_percent"])
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
    # The news and whoever catches up on what was missed may come at once: the second one finds the first one's need.
    Evse.objects.select_for_update(no_key=True).get(pk=transaction.evse.pk)
    if (known := ChargingNeed.objects.filter(transaction=transaction).first()) is not None:
        return known
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
    """Of a car that came with a card: the battery of the card's driver, if it was here before, else a typical one."""
    found = guessing.guess(driver_id=transaction.driver_id, now=now)
    return ChargingNeed(
        evse=evse,
        driver_id=transaction.driver_id,
        mode=ChargingNeed.Mode.BASIC,
        stated_at=now,
        departure_at=now + ASSUMED_STAY,
        is_assumed=True,
        battery_capacity_wh=found.capacity_wh,
        **_as_fields(found),
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
