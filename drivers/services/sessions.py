"""A charge session from the press of "Charge" to "Pick up vehicle"."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from chargepoints import realtime
from chargepoints.domain.errors import NotAllowed, Refused
from chargepoints.domain.reservation import ReservationStatus
from chargepoints.services import authorization, commands, remote_control
from drivers.models import ChargeSession
from drivers.services import booking, settlement
from drivers.services.vehicles import OPEN_STATES
from drivers.services.wish import Wish
from smac.models import ChargingNeed
from smac.services import needs

State = ChargeSession.State
# Chargers wait one to two minutes for the cable after a remote start (OCPP 1.6 ConnectionTimeOut); the driver may have
# to move the car first.
PLUG_PATIENCE = timedelta(minutes=10)
# Long enough to come back from the charger to the phone.
_FAILURE_SHOWN = timedelta(minutes=10)


def with_relations() -> QuerySet[ChargeSession]:
    """Sessions with all that the card shows of them."""
    return ChargeSession.objects.select_related(
        "vehicle",
        "need",
        "command",
        "reservation",
        "transaction__charge_point__supply_point",
        "transaction__charge_point__tariff",
        "evse__charge_point__tariff",
        "evse__charge_point__supply_point__location",
    )


def open_session(driver: Any) -> ChargeSession | None:
    """The session that the driver has under way, or has not picked the vehicle up from."""
    return with_relations().filter(driver=driver, state__in=OPEN_STATES).first()


def current(driver: Any) -> ChargeSession | None:
    """The session that the app shows: a summary from home gives way to a reservation."""
    session = open_session(driver)
    over_at_home = session is not None and session.state == State.FINISHED and session.pick_up_by is None
    return None if over_at_home and booking.active(driver) else session


def begin(*, driver: Any, wish: Wish, quote: dict[str, Any], now: datetime) -> ChargeSession:
    """Announces the need to the optimiser and asks the charger to start.

    :raises Refused: in words for the driver.
    """
    _check_right(driver, wish, now)
    try:
        with transaction.atomic():
            close_summaries(driver=driver, now=now)
            session = _create(driver, wish, quote, now)
            tell(session)
    except IntegrityError:
        raise Refused(_("You have a session already. End it and pick up your vehicle first."), code="open") from None
    return session


def _check_right(driver: Any, wish: Wish, now: datetime) -> None:
    location = wish.evse.charge_point.supply_point.location
    held = wish.reservation
    if not wish.evse.charge_point.is_connected:
        raise Refused(_("The charger cannot be reached at the moment."), code="offline")
    if location.owner_id == driver.pk:
        return
    mine = held is not None and held.driver_id == driver.pk and held.evse_id == wish.evse.pk
    if not (mine and held and held.status == ReservationStatus.ACTIVE and held.expires_at > now):
        raise NotAllowed(_("Your reservation has ended. Reserve a charger first."), code="no-reservation")


def close_summaries(*, driver: Any, now: datetime) -> None:
    """Where nothing has to be picked up in time, as at home, the next session closes the last one's summary."""
    at_home = ChargeSession.objects.filter(driver=driver, state=State.FINISHED, pick_up_by=None)
    at_home.update(state=State.PICKED_UP, picked_up_at=now)


def _create(driver: Any, wish: Wish, quote: dict[str, Any], now: datetime) -> ChargeSession:
    command = remote_control.start(
        evse=wish.evse,
        id_token=authorization.app_token(driver=driver),
        requested_by=driver,
        now=now,
        reason=_("Started by the driver"),
    )
    return ChargeSession.objects.create(
        driver=driver,
        vehicle=wish.vehicle,
        evse=wish.evse,
        reservation=wish.reservation,
        need=_state_need(driver, wish, now),
        command=command,
        requested_at=now,
        planned_end_at=wish.departure_at,
        quote=quote,
    )


def _state_need(driver: Any, wish: Wish, now: datetime) -> ChargingNeed:
    return needs.state_need(
        evse=wish.evse,
        driver=driver,
        mode=wish.mode,
        battery_capacity_wh=wish.vehicle.battery_capacity_wh,
        soc_percent=None if wish.soc_is_unknown else wish.soc_percent,
        target_soc_percent=wish.target_soc_percent,
        departure_at=wish.departure_at,
        max_charge_w=wish.max_charge_w,
        min_charge_w=wish.vehicle.min_charge_w,
        max_discharge_w=wish.max_discharge_w,
        v2g_allowed=wish.v2g_allowed,
        floor_soc_percent=wish.floor_soc_percent,
        now=now,
    )


def end(*, session: ChargeSession, now: datetime) -> None:
    """Asks the charger to stop; before it started, the session is given up. A second press changes nothing."""
    if session.state == State.STARTING:
        reason = _("You ended it before the charger started.")
        give_up(session=session, code=ChargeSession.Failure.GIVEN_UP, reason=reason, now=now)
    elif session.state == State.CHARGING:
        request_stop(session=session, requested_by=session.driver, now=now)


def request_stop(*, session: ChargeSession, requested_by: Any, now: datetime) -> bool:
    """Sends the stop once; whether it was this call that did."""
    with transaction.atomic():
        asked = ChargeSession.objects.filter(pk=session.pk, state=State.CHARGING, stop_requested_at=None).update(
            stop_requested_at=now
        )
        if not asked or session.transaction is None:
            return False
        session.stop_requested_at = now
        remote_control.stop(transaction_row=session.transaction, requested_by=requested_by, now=now)
        tell(session)
    return True


def give_up(*, session: ChargeSession, reason: str, now: datetime, code: str = "") -> bool:
    """Ends a session that never began, with the reason in words and as ChargeSession.Failure; whether it waited."""
    with transaction.atomic():
        moved = ChargeSession.objects.filter(pk=session.pk, state=State.STARTING).update(
            state=State.FAILED, failure=reason[:200], failure_code=code, ended_at=now
        )
        if not moved:
            return False
        session.state, session.failure, session.failure_code = State.FAILED, reason[:200], code
        session.ended_at = now
        needs.withdraw(need=session.need, now=now)
        if session.command_id:
            commands.cancel(command_id=session.command_id, now=now)
        tell(session)
    return True


def started(*, session: ChargeSession, transaction_row: Any, now: datetime) -> bool:
    """The charger began; whether the session was still waiting for it."""
    with transaction.atomic():
        moved = ChargeSession.objects.filter(pk=session.pk, state=State.STARTING).update(
            state=State.CHARGING, transaction=transaction_row
        )
        if moved:
            session.state, session.transaction = State.CHARGING, transaction_row
            tell(session)
    return bool(moved)


def finished(*, session: ChargeSession, ended_at: datetime) -> bool:
    """The charger ended; at public points the time to pick up the vehicle begins.

    Not for a session that a card began and whose driver never saw the app: nobody told how long the car may stand.
    """
    tariff = session.evse.charge_point.tariff
    is_public = session.evse.charge_point.supply_point.location.is_public and session.has_wish
    grace = timedelta(minutes=tariff.pickup_grace_minutes if tariff else 0)
    with transaction.atomic():
        moved = ChargeSession.objects.filter(pk=session.pk, state=State.CHARGING).update(
            state=State.FINISHED, ended_at=ended_at, pick_up_by=ended_at + grace if is_public else None
        )
        if moved:
            session.refresh_from_db(fields=["state", "ended_at", "pick_up_by"])
            tell(session)
    return bool(moved)


def pick_up(*, session: ChargeSession, now: datetime) -> bool:
    """The vehicle leaves: the penalty, if any, stops and goes onto the receipt."""
    with transaction.atomic():
        moved = ChargeSession.objects.filter(pk=session.pk, state=State.FINISHED).update(
            state=State.PICKED_UP, picked_up_at=now
        )
        if not moved:
            return False
        session.state, session.picked_up_at = State.PICKED_UP, now
        settlement.settle(session=session, now=now)
        tell(session)
    return True


def history(driver: Any) -> QuerySet[ChargeSession]:
    """Sessions that are over, the newest first."""
    return with_relations().filter(driver=driver).exclude(state__in=[State.STARTING, State.CHARGING])


def last_need(driver: Any) -> Any:
    """The driver's last wish, whose mode is offered again."""
    last = ChargeSession.objects.filter(driver=driver).select_related("need").first()
    return last.need if last else None


def recent_failure(driver: Any, now: datetime) -> ChargeSession | None:
    """The last session, when it failed so lately that the driver wants to know why."""
    last = with_relations().filter(driver=driver).first()
    failed = last is not None and last.state == State.FAILED and last.ended_at is not None
    return last if failed and last and last.ended_at and now - last.ended_at < _FAILURE_SHOWN else None


def plan_made(*, plan_run_id: int) -> None:
    """Tell the drivers whose sessions have a new plan: their cards say what it does and why."""
    for session in ChargeSession.objects.filter(state=State.CHARGING, need__curves__run_id=plan_run_id):
        tell(session)


def tell(session: ChargeSession) -> None:
    """Nudges the driver's pages after the commit."""
    realtime.nudge(f"user.{session.driver_id}.session")
