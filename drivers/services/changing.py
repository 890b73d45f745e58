"""Changing what a session is to reach while it runs: the new quote first, then the change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from chargepoints.domain.errors import Refused
from chargepoints.domain.tariff import CostBreakdown
from drivers.models import ChargeSession, Vehicle
from drivers.services import progress, quotes, sessions
from drivers.services.wish import Wish
from smac.models import ChargingNeed
from smac.services import costs, needs
from smac.services import quotes as smac_quotes
from smac.services.quotes import Quote


@dataclass(frozen=True)
class Change:
    """A filled-in form. ``soc_percent`` None: as it is known. ``vehicle`` None: as it is, or nobody knows which."""

    session: ChargeSession
    mode: str
    target_soc_percent: float
    departure_at: datetime
    v2g_wanted: bool = False
    floor_soc_percent: float = 30.0
    soc_percent: float | None = None
    vehicle: Vehicle | None = None

    @property
    def soc_now(self) -> float:
        return progress.soc_percent(self.session) if self.soc_percent is None else self.soc_percent

    @property
    def need(self) -> ChargingNeed:
        return self.session.need

    @property
    def car(self) -> dict[str, Any]:
        """What changes with the vehicle: battery and powers; nothing where it stays the same."""
        if self.vehicle is None or self.vehicle.pk == self.session.vehicle_id:
            return {}
        wish = self._wish(self.vehicle)
        return {
            "battery_capacity_wh": self.vehicle.battery_capacity_wh,
            "max_charge_w": wish.max_charge_w,
            "min_charge_w": self.vehicle.min_charge_w,
        }

    @property
    def v2g(self) -> dict[str, Any]:
        """The consent, with what car and charger can do together."""
        vehicle = self.vehicle or self.session.vehicle
        wish = self._wish(vehicle) if vehicle else None
        return {
            "v2g_allowed": bool(wish and wish.v2g_allowed),
            "max_discharge_w": wish.max_discharge_w if wish else 0,
            "floor_soc_percent": self.floor_soc_percent,
        }

    def _wish(self, vehicle: Vehicle) -> Wish:
        return Wish(
            vehicle=vehicle,
            evse=self.session.evse,
            mode=self.mode,
            soc_percent=0,
            target_soc_percent=self.target_soc_percent,
            departure_at=self.departure_at,
            v2g_wanted=self.v2g_wanted,
        )


@dataclass(frozen=True)
class Offer:
    """What a change would bring: the rest of the session, and its cost with what was charged already.

    ``before`` is what is expected without the change, where there is a plan.
    """

    quote: Quote
    total: CostBreakdown
    spent: CostBreakdown
    before: progress.Progress = field(repr=False)

    @property
    def as_json(self) -> dict[str, Any]:
        """The promise as it is kept with the session: of all of it, as the first one was."""
        whole = {"price": str(self.total.total), "energy_wh": round(self.total.energy_wh - self.total.export_wh)}
        return self.quote.as_json() | whole


def quote(*, change: Change, now: datetime) -> Offer:
    """What the optimiser would do with the changed wish from now on; nothing is stored.

    :raises Refused: in words for the driver.
    """
    _check(change, now)
    session, need = change.session, change.need
    facts: dict[str, Any] = {"battery_capacity_wh": need.battery_capacity_wh, "max_charge_w": need.max_charge_w}
    facts |= {"min_charge_w": need.min_charge_w} | change.car | change.v2g
    rest = smac_quotes.quote(
        evse=session.evse,
        driver=session.driver,
        mode=change.mode,
        soc_percent=change.soc_now,
        target_soc_percent=change.target_soc_percent,
        departure_at=change.departure_at,
        now=now,
        **facts,
    )
    before = progress.of(session=session, now=now)
    assert before.cost is not None
    total = costs.expected_cost(
        need=need, starts=rest.slot_starts, hours=rest.slot_hours, power_w=rest.power_w, now=now
    )
    return Offer(quote=rest, total=total, spent=before.cost, before=before)


def apply(*, change: Change, now: datetime) -> Offer:
    """Change the wish: the plan follows, and the planned end. Its offer.

    :raises Refused: in words for the driver.
    """
    offer = quote(change=change, now=now)
    told = {"soc_percent": change.soc_percent} if change.soc_percent is not None else {}
    wanted = {"mode": change.mode, "target_soc_percent": change.target_soc_percent, "departure_at": change.departure_at}
    with transaction.atomic():
        needs.change_need(need=change.need, changes=wanted | told | change.car | change.v2g, now=now)
        _keep(change, offer)
    return offer


def _keep(change: Change, offer: Offer) -> None:
    session = change.session
    vehicle = change.vehicle or session.vehicle
    running = ChargeSession.objects.filter(pk=session.pk, state=ChargeSession.State.CHARGING, stop_requested_at=None)
    if not running.update(planned_end_at=change.departure_at, quote=offer.as_json, vehicle=vehicle):
        raise _over()
    sessions.tell(session)


def stop_giving_back(*, session: ChargeSession, now: datetime) -> None:
    """One tap: from now on nothing flows back.

    :raises Refused: the session is over.
    """
    with transaction.atomic():
        needs.change_need(need=session.need, changes={"v2g_allowed": False}, now=now)
        sessions.tell(session)


def _check(change: Change, now: datetime) -> None:
    session = change.session
    if session.state != ChargeSession.State.CHARGING or session.stop_requested_at or session.transaction is None:
        raise _over()
    if change.target_soc_percent <= change.soc_now:
        raise Refused(_("Choose more than the battery holds now."), code="target")
    if change.departure_at < now + timedelta(minutes=1):
        raise Refused(_("The departure must be in the future."), code="time")


def _over() -> Refused:
    return Refused(_("This session is over."), code="over")


def sentence(*, offer: Offer, session: ChargeSession) -> str:
    """Why the changed plan would look so."""
    return quotes.reason_in(offer.quote, session.evse)
