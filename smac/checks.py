"""What must hold for every plan before it reaches a charger. Pure: no Django."""

from __future__ import annotations

from smac.optimisation.clip import clip
from smac.optimisation.plan import Plan, SessionPlan
from smac.optimisation.problem import Problem, Session

# Plans are rounded to a hundredth of a watt and solved to about a millionth of a kilowatt.
_NEAR_W = 1.0
_NEAR_WH = 1.0


def broken(problem: Problem, plan: Plan) -> list[str]:
    """The limits that a plan breaks, in words for the log; empty when it may be sent."""
    problem, _ = clip(problem)
    found = []
    if len(plan.grid_w) != len(problem.slot_starts) or len(plan.sessions) != len(problem.sessions):
        return ["the plan has another shape than the problem"]
    for session, planned in zip(problem.sessions, plan.sessions, strict=True):
        found += _of_session(session, planned)
    for slot, power in enumerate(plan.grid_w):
        if power > problem.max_import_w[slot] + _NEAR_W:
            found.append(f"import of slot {slot} is {power:.0f} W")
        if -power > problem.max_export_w[slot] + _NEAR_W:
            found.append(f"export of slot {slot} is {-power:.0f} W")
    return found


def _of_session(session: Session, planned: SessionPlan) -> list[str]:
    found = []
    for slot, power in enumerate(planned.power_w):
        plugged = session.first_slot <= slot < session.last_slot
        most = session.max_charge_w if plugged else 0.0
        least = -session.max_discharge_w if plugged else 0.0
        if not least - _NEAR_W <= power <= most + _NEAR_W:
            found.append(f"{session.key} has {power:.0f} W in slot {slot}")
    if planned.energy_wh and max(planned.energy_wh) > session.capacity_wh + _NEAR_WH:
        found.append(f"{session.key} is overfull")
    if min(planned.energy_wh, default=0.0) < min(session.floor_wh, session.energy_wh) - _NEAR_WH and session.v2g:
        found.append(f"{session.key} falls below its floor")
    return found
