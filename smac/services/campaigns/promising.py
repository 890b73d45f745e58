"""What a session could promise under an offer: planned without it and with it, as it stands now. Nothing is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from chargepoints.domain.errors import Refused
from smac.models import Campaign, ChargingNeed, Participation
from smac.optimisation.plan import Plan
from smac.optimisation.problem import Problem
from smac.optimisation.solve import solve
from smac.services import costs, coupling
from smac.services.campaigns import shifting, uptake
from smac.services.solving import TIME_LIMIT_S
from smac.slots import SLOT, floor, quarters
from smac.snapshot import offers, reading
from smac.snapshot.reading import Snapshot
from smac.snapshot.sessions import key_of

_KEY = f"{offers.PREFIX}asked"
# Less is not worth a change of anybody's plan.
_LEAST_WH = 100.0
# A solver's own inexactness.
_NEARLY_WH = 5.0


class NothingToShift(Refused):
    """The session cannot help: it needs this time for its target, or would not charge in it anyway."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Mean powers by quarter hour from ``starts_at`` on. ``extra_cost``: by how much the charge itself costs more."""

    starts_at: datetime
    baseline_w: tuple[float, ...]
    promised_w: tuple[float, ...]
    promised_wh: int
    incentive: Decimal
    extra_cost: Decimal
    currency: str


def promise(*, campaign: Campaign, need: ChargingNeed, now: datetime) -> Promise:
    """The most that the session can do for the offer without missing anything, within what is still wanted and paid.

    Raises Refused.
    """
    snapshot = reading.take(supply_point_id=need.evse.charge_point.supply_point_id, now=now)
    counted = counted_quarters(campaign, snapshot, key_of(need), now)
    if not counted:
        raise NothingToShift(_("Your stay does not reach into the time of this offer."))
    problem = coupling.beside_others(snapshot)
    without = solve(problem, time_limit_s=TIME_LIMIT_S)
    baseline_w = _means(without, key_of(need), counted)
    room_w = room(campaign, counted, but_for=need.driver_id)
    asked_w = _asked_w(campaign, baseline_w, room_w)
    offered = _solved_with(problem, snapshot, campaign, need, counted[0], asked_w)
    if offered.unmet_wh > without.unmet_wh + _NEARLY_WH:
        raise _nothing()
    shifts = _shifts_w(campaign, without, offered, need, counted)
    return within(
        campaign=campaign,
        starts_at=counted[0],
        baseline_w=baseline_w,
        shifts=shifts,
        room_w=room_w,
        left=money_left(campaign, but_for=need.driver_id),
        extra_cost=_extra_cost(need, without, offered, now),
    )


def counted_quarters(campaign: Campaign, snapshot: Snapshot, key: str, now: datetime) -> list[datetime]:
    """The quarter hours of the window that are still whole, and in which the session is there from start to end."""
    session = reading.session_of(snapshot, key)
    leaves_at = snapshot.horizon.ends_of(session.last_slot - 1)
    first = max(campaign.starts_at, floor(now) + SLOT)
    return [start for start in quarters(first, campaign.ends_at) if start + SLOT <= leaves_at]


def room(campaign: Campaign, counted: Sequence[datetime], *, but_for: int | None) -> list[float]:
    """What is still wanted in these quarter hours, W, after what all others promised."""
    others = _others(campaign, but_for)
    promised = uptake.promised_shifts_w(campaign, others)
    first = (counted[0] - campaign.starts_at) // SLOT
    return [max(campaign.wanted_w - promised[first + number], 0.0) for number in range(len(counted))]


def money_left(campaign: Campaign, *, but_for: int | None) -> Decimal:
    """What of the budget nobody else was promised."""
    return campaign.budget - uptake.committed(_others(campaign, but_for))


def _others(campaign: Campaign, driver_id: int | None) -> list[Participation]:
    return [row for row in uptake.live(campaign) if row.driver_id is None or row.driver_id != driver_id]


def within(
    *,
    campaign: Campaign,
    starts_at: datetime,
    baseline_w: Sequence[float],
    shifts: Sequence[float],
    room_w: Sequence[float],
    left: Decimal,
    extra_cost: Decimal,
) -> Promise:
    """The promise of these shifts, as far as they are still wanted and paid. Raises Refused."""
    wanted = shifting.within_room(shifts, room_w)
    if shifting.energy_wh(shifts) >= _LEAST_WH > shifting.energy_wh(wanted):
        raise Refused(_("Others have promised all that is wanted already."), code="enough")
    if shifting.energy_wh(wanted) < _LEAST_WH:
        raise _nothing()
    paid = shifting.cut_to(wanted, shifting.affordable_wh(left, campaign.incentive_per_kwh))
    if shifting.energy_wh(paid) < _LEAST_WH:
        raise Refused(_("The budget of this offer is used up."), code="budget")
    is_less = campaign.direction == Campaign.Direction.LESS
    baseline = [float(round(watts)) for watts in baseline_w]
    promised = shifting.moved_w(baseline, paid, is_less=is_less)
    total_wh = int(shifting.energy_wh(shifting.shifts_w(baseline, promised, is_less=is_less)))
    return Promise(
        starts_at=starts_at,
        baseline_w=tuple(baseline),
        promised_w=tuple(promised),
        promised_wh=total_wh,
        incentive=min(shifting.incentive(total_wh, campaign.incentive_per_kwh), left),
        extra_cost=extra_cost,
        currency=campaign.currency,
    )


def _nothing() -> NothingToShift:
    return NothingToShift(
        _("Your charge cannot help here: it is not planned for this time, or needs it to be full enough in time.")
    )


def _asked_w(campaign: Campaign, baseline_w: Sequence[float], room_w: Sequence[float]) -> list[float]:
    """The power that would be wanted of this session alone; it is never asked to give anything back for it."""
    if campaign.direction == Campaign.Direction.LESS:
        return [max(base - more, min(base, 0.0)) for base, more in zip(baseline_w, room_w, strict=True)]
    return [base + more for base, more in zip(baseline_w, room_w, strict=True)]


def _solved_with(
    problem: Problem,
    snapshot: Snapshot,
    campaign: Campaign,
    need: ChargingNeed,
    starts_at: datetime,
    power_w: Sequence[float],
) -> Plan:
    mine = offers.orders_of(
        key=_KEY,
        session_key=key_of(need),
        direction=campaign.direction,
        starts_at=starts_at,
        power_w=power_w,
        horizon=snapshot.horizon,
    )
    return solve(replace(problem, orders=(*problem.orders, *mine)), time_limit_s=TIME_LIMIT_S)


def _means(plan: Plan, key: str, counted: Sequence[datetime]) -> list[float]:
    """The session's mean power in each quarter hour."""
    energies = dict.fromkeys(counted, 0.0)
    for start, hours, watts in zip(plan.slot_starts, plan.slot_hours, plan.session(key).power_w, strict=True):
        if floor(start) in energies:
            energies[floor(start)] += watts * hours
    return [energy / shifting.HOURS for energy in energies.values()]


def _shifts_w(
    campaign: Campaign, without: Plan, offered: Plan, need: ChargingNeed, counted: Sequence[datetime]
) -> list[float]:
    """What the offer moves by quarter hour: not more than it moves in all, and only energy that is drawn anyway."""
    key, is_less = key_of(need), campaign.direction == Campaign.Direction.LESS
    before, after = _means(without, key, counted), _means(offered, key, counted)
    shifts = shifting.shifts_w(before, after, is_less=is_less)
    moved_wh = abs(shifting.energy_wh(before) - shifting.energy_wh(after))
    if is_less:
        return shifting.cut_to(shifts, moved_wh)
    whole_wh = sum(watts * hours for watts, hours in zip(without.session(key).power_w, without.slot_hours, strict=True))
    return shifting.cut_to(shifts, min(moved_wh, whole_wh - shifting.energy_wh(before)))


def _extra_cost(need: ChargingNeed, without: Plan, offered: Plan, now: datetime) -> Decimal:
    """By how much the offer changes the price of the charge itself, at the prices known now."""
    totals = [
        costs.expected_cost(
            need=need,
            starts=plan.slot_starts,
            hours=plan.slot_hours,
            power_w=plan.session(key_of(need)).power_w,
            now=now,
        ).total
        for plan in (without, offered)
    ]
    return totals[1] - totals[0]
