"""Plans as rows, and rows as plans."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from smac import keeping, selectors
from smac.models import PlannedCurve, PlanningState, PlanRun
from smac.optimisation.course import History
from smac.optimisation.plan import MainReason, Plan, Reason, SessionPlan, Status
from smac.optimisation.problem import problem_to_dict
from smac.services import costs
from smac.slots import SLOT, floor
from smac.snapshot import peaks, reading
from smac.snapshot.groups import Together
from smac.snapshot.offers import PREFIX as OFFER
from smac.snapshot.orders import pk_in
from smac.snapshot.reading import Snapshot
from smac.snapshot.sessions import key_of
from smac.snapshot.supply import Substitute

# Codes of a run's notes beside those of the optimiser (NoteCode): nothing was known of a series, or not all of it.
ASSUMED, SUBSTITUTED, FAILED = "series_assumed", "series_substituted", "failed"
_NOTHING_W = 1.0


def save(
    *,
    snapshot: Snapshot,
    plan: Plan,
    reason: str,
    solve_ms: float,
    now: datetime,
    history: History | None = None,
) -> PlanRun:
    """Keep a run, how it came about, and the curve of each session."""
    run = PlanRun.objects.create(
        supply_point=snapshot.supply_point,
        made_at=now,
        reason=reason[:60] or "slot",
        status=PlanRun.Status(str(plan.status)),
        solver=plan.solver[:20],
        solve_ms=round(solve_ms, 1),
        slot_starts=[start.isoformat() for start in plan.slot_starts],
        series=_series(snapshot, plan),
        notes=_notes(snapshot, plan),
        problem=problem_to_dict(snapshot.problem),
        course=history.as_json() if history else {},
        plan_digest=keeping.digest(plan),
        is_kept=keeping.is_worth_it(plan, solve_ms=solve_ms),
    )
    PlannedCurve.objects.bulk_create(
        _curve(run, snapshot, plan, session) for session in plan.sessions if session.key in snapshot.needs
    )
    keeping.forget_old(supply_point_id=snapshot.supply_point.pk, now=now)
    if snapshot.supply_point.demand_charge_per_kw:
        _keep_peak(snapshot, now)
    return run


def _keep_peak(snapshot: Snapshot, now: datetime) -> None:
    """Remember the most that was drawn this month, for the demand charge, and until when that is known."""
    point = snapshot.supply_point
    found = peaks.peak_of(point, now)
    state, _ = PlanningState.objects.get_or_create(supply_point=point)
    state.peak_w, state.peak_until = round(found.settled_w, 1), found.until
    state.peak_month = peaks.month_of(point, now).date()
    state.save(update_fields=["peak_w", "peak_until", "peak_month"])


def save_all(
    *,
    together: Together,
    plans: Mapping[str, Plan],
    reasons: Mapping[int, str],
    solve_ms: float,
    now: datetime,
    history: History | None = None,
) -> dict[str, PlanRun]:
    """Keep the runs of supply points that were planned together, by their keys, and what couples them."""
    runs = {
        key: save(
            snapshot=snapshot,
            plan=plans[key],
            reason=reasons.get(snapshot.supply_point.pk, ""),
            solve_ms=solve_ms,
            now=now,
            history=history,
        )
        for key, snapshot in together.snapshots.items()
    }
    if together.limits:
        tie = {
            "runs": {key: run.pk for key, run in runs.items()},
            "groups": [keeping.limit_to_dict(limit) for limit in together.limits],
        }
        PlanRun.objects.filter(pk__in=[run.pk for run in runs.values()]).update(together=tie)
    return runs


def save_failure(*, supply_point_id: int, reason: str, error: Exception, now: datetime) -> PlanRun:
    """Keep that no plan could be made, and why: the chargers go on with what they have."""
    return PlanRun.objects.create(
        supply_point_id=supply_point_id,
        made_at=now,
        reason=reason[:60],
        status=PlanRun.Status.FAILED,
        notes=[{"code": FAILED, "subject": type(error).__name__}],
    )


def _series(snapshot: Snapshot, plan: Plan) -> dict[str, list[float]]:
    problem = snapshot.problem
    vehicles = [round(sum(curve), 1) for curve in zip(*(it.power_w for it in plan.sessions), strict=True)]
    return {
        "demand": list(problem.demand_w),
        "production": list(problem.production_w),
        "grid": [round(power, 1) for power in plan.grid_w],
        "vehicles": vehicles or [0.0] * len(plan.grid_w),
        "storage": [round(power, 1) for power in plan.storage_w],
        "limit": list(problem.max_import_w),
        "flexibility_up": [round(power, 1) for power in plan.flexibility_up_w],
        "flexibility_down": [round(power, 1) for power in plan.flexibility_down_w],
        "price": list(problem.import_price),
    }


def _notes(snapshot: Snapshot, plan: Plan) -> list[dict[str, Any]]:
    """What was bent, what happened to the solver, and what stands in for series that nobody told."""
    told: list[dict[str, Any]] = [{"code": str(note.code), "subject": note.subject} for note in plan.notes]
    return told + [_substituted(one) for one in snapshot.substitutes]


def _substituted(one: Substitute) -> dict[str, Any]:
    if one.is_nobodys:
        return {"code": ASSUMED, "subject": one.kind}
    return {"code": SUBSTITUTED, "subject": one.kind, "substitute": str(one.origin), "quarters": one.quarters}


def _curve(run: PlanRun, snapshot: Snapshot, plan: Plan, planned: SessionPlan) -> PlannedCurve:
    capacity = reading.session_of(snapshot, planned.key).capacity_wh or 1.0
    need, charge = snapshot.needs[planned.key], snapshot.charges.get(planned.key)
    return PlannedCurve(
        run=run,
        need=need,
        soc_origin=charge.origin if charge else need.soc_origin,
        soc_uncertainty_percent=charge.uncertainty_percent if charge else need.soc_uncertainty_percent,
        power_w=[round(power, 1) for power in planned.power_w],
        soc_percent=[round(energy / capacity * 100, 1) for energy in planned.energy_wh],
        reasons=[str(why) for why in planned.slot_reasons],
        reason=reason_data(snapshot, plan, planned),
        unmet_wh=planned.unmet_wh,
    )


def keep_costs(*, run: PlanRun, snapshot: Snapshot, plan: Plan, now: datetime) -> None:
    """Keep what each session is expected to cost: later than the plan itself, for which chargers wait."""
    planned = {snapshot.needs[it.key].pk: it for it in plan.sessions if it.key in snapshot.needs}
    needs = {need.pk: need for need in snapshot.needs.values()}
    market = costs.market_of(snapshot.supply_point, needs.values(), until=snapshot.horizon.end, now=now)
    curves = list(PlannedCurve.objects.filter(run=run, need__in=planned).only("pk", "need_id"))
    for curve in curves:
        cost = costs.expected_cost(
            need=needs[curve.need_id],
            starts=plan.slot_starts,
            hours=plan.slot_hours,
            power_w=planned[curve.need_id].power_w,
            now=now,
            market_price_at=market,
        )
        curve.expected_cost = cost.total
    PlannedCurve.objects.bulk_update(curves, ["expected_cost"])


def reason_data(snapshot: Snapshot, plan: Plan, planned: SessionPlan) -> dict[str, Any]:
    """The main reason as JSON: code, from and until when (ISO), price, energy, order and its limit, and who waits."""
    why = planned.reason
    order = next((it for it in snapshot.problem.orders if it.key == why.order_key), None)
    charging = [slot for slot, power in enumerate(planned.power_w) if power > _NOTHING_W]
    return {
        "code": str(why.code),
        "from": plan.slot_starts[why.slots[0]].isoformat() if why.slots else None,
        "until": snapshot.horizon.ends_of(why.slots[-1]).isoformat() if why.slots else None,
        "waits": bool(charging) and charging[0] > reading.session_of(snapshot, planned.key).first_slot,
        "price": why.price,
        "energy_wh": why.energy_wh,
        "order_id": pk_in(why.order_key) if why.order_key else None,
        "limit_w": order.limit_w if order else None,
        "order_begins_later": order is not None and order.first_slot > 0,
        "is_offer": bool(why.order_key and why.order_key.startswith(OFFER)),
        "is_makeshift": plan.status is Status.FALLBACK,
    }


def previous_plan(supply_point_id: int) -> Plan | None:
    """The last plan, as far as the fallback needs it: who was to get what power when."""
    return _plan_of(selectors.latest_run(supply_point_id=supply_point_id))


def plan_before(run: PlanRun) -> Plan | None:
    """The plan that was the last one when a run was made."""
    earlier = PlanRun.objects.filter(supply_point_id=run.supply_point_id, pk__lt=run.pk)
    return _plan_of(earlier.order_by("-made_at", "-pk").first())


def _plan_of(run: PlanRun | None) -> Plan | None:
    if run is None or run.status == PlanRun.Status.FAILED or not run.slot_starts:
        return None
    starts = tuple(datetime.fromisoformat(text) for text in run.slot_starts)
    idle = (0.0,) * len(starts)
    return Plan(
        slot_starts=starts,
        slot_hours=_hours(starts),
        sessions=tuple(_planned(curve) for curve in run.curves.select_related("need")),
        grid_w=tuple(run.series.get("grid", idle)),
        storage_w=idle,
        storage_energy_wh=idle,
        curtailed_w=idle,
        cost=0.0,
        renewable_share=0.0,
        order_excess=(),
        flexibility_up_w=idle,
        flexibility_down_w=idle,
        solver=run.solver,
        status=Status(run.status),
    )


def _hours(starts: tuple[datetime, ...]) -> tuple[float, ...]:
    ends = itertools.chain(starts[1:], [floor(starts[-1]) + SLOT])
    return tuple((end - start) / timedelta(hours=1) for start, end in zip(starts, ends, strict=True))


def _planned(curve: PlannedCurve) -> SessionPlan:
    return SessionPlan(
        key=key_of(curve.need),
        power_w=tuple(curve.power_w),
        energy_wh=(),
        unmet_wh=curve.unmet_wh,
        slot_reasons=(),
        reason=Reason(MainReason(curve.reason.get("code", MainReason.NOTHING_NEEDED))),
    )
