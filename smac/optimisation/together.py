"""Several supply points behind one feeder or transformer: its capacity couples their plans.

Each supply point is planned alone first. Where the sum fits, that is the best plan for all of them too, to the byte.
Where it does not, the supply points of the group become one linear program with the limit as rows over all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pulp

from . import objective
from .adapter import HIGHS, LE, Outcome, Program
from .assemble import assemble, grid_w
from .clip import clip, curve
from .course import History
from .live import LivePlanner
from .model import Model, build
from .objective import Scale
from .plan import Note, NoteCode, Plan, Status
from .problem import KILO, Problem
from .solve import TIME_LIMIT_S, optimise_all, powers_of, rewrite

_NEAR_W = 1.0
# Beyond any feeder; keeps "no limit" finite for the solver.
_HUGE_W = 1e9
# Where prices differ by more, those who pay least are not forgotten for it.
_LEAST_WORTH = 0.1


@dataclass(frozen=True, slots=True)
class GroupLimit:
    """What the grid exchange of several supply points may sum up to, W for each slot of their common horizon.

    `max_import_w` bounds import minus export, `max_export_w` (None = no limit) the way back. A limit is hard like a
    contracted capacity; below what houses need whatever vehicles do, it is raised to that need and noted.
    """

    key: str
    site_keys: tuple[str, ...]
    max_import_w: tuple[float, ...]
    max_export_w: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Cluster:
    """Supply points that limits couple, clipped, in order of their keys."""

    problems: Mapping[str, Problem]
    limits: tuple[GroupLimit, ...]
    notes: Mapping[str, tuple[Note, ...]]
    raised: tuple[Note, ...]


@dataclass(frozen=True)
class _Planning:
    """With what the programs of one question are solved."""

    planner: LivePlanner
    history: History
    time_limit_s: float
    preview: bool
    pauses: bool

    def solve(self, key: str, problem: Problem, previous: Plan | None) -> Plan:
        """One supply point alone."""
        return self.planner.solve(
            key,
            problem,
            previous=previous,
            time_limit_s=self.time_limit_s,
            preview=self.preview,
            pauses=self.pauses,
            course=self.history.next(key),
        )

    def optimise(self, key: str, models: Sequence[Model], cost: objective.Cost) -> Outcome:
        """Several as one program."""
        course = self.history.next(key)
        try:
            return optimise_all(
                models,
                cost,
                time_limit_s=self.time_limit_s,
                preview=self.preview,
                pauses=self.pauses,
                course=course,
            )
        except pulp.PulpError:
            course.failed = True
            return Outcome.NOTHING


def solve_together(
    problems: Mapping[str, Problem],
    limits: Sequence[GroupLimit],
    *,
    previous: Mapping[str, Plan] | None = None,
    time_limit_s: float = TIME_LIMIT_S,
    preview: bool = False,
    pauses: bool = True,
    back_end: str = HIGHS,
    planner: LivePlanner | None = None,
    history: History | None = None,
) -> dict[str, Plan]:
    """A plan for each supply point, by its key; together they keep the limits.

    All problems have the same slots (else ValueError). `previous`, `preview` and `pauses` as in `solve.solve`;
    `planner` keeps programs alive between calls, `history` takes down how they went, or says how they are to go. Where
    no solver has the time, each supply point keeps to its share of the group's capacity, noted as such.
    """
    planning = _Planning(planner or LivePlanner(back_end=back_end), history or History(), time_limit_s, preview, pauses)
    if len({problem.slot_starts for problem in problems.values()}) > 1:
        raise ValueError("supply points planned together need the same slots")
    plans: dict[str, Plan] = {}
    for key in sorted(problems):
        before = (previous or {}).get(key)
        plans[key] = planning.solve(key, problems[key], before)
    for cluster in _clusters(problems, limits):
        alone = {key: plans[key] for key in cluster.problems}
        found = alone if _fits(cluster, alone) else None
        found = found or _coupled(cluster, planning)
        found = found or _shared(cluster, alone, planning)
        plans.update(_with_group(cluster, found))
    return plans


def _clusters(problems: Mapping[str, Problem], limits: Sequence[GroupLimit]) -> list[Cluster]:
    """Supply points that share a limit, directly or by way of others."""
    groups: list[tuple[set[str], list[GroupLimit]]] = []
    for limit in sorted(limits, key=lambda it: it.key):
        keys, mine = {key for key in limit.site_keys if key in problems}, [limit]
        touching = [group for group in groups if group[0] & keys]
        for group in touching:
            groups.remove(group)
            keys, mine = keys | group[0], [*group[1], *mine]
        if keys:
            groups.append((keys, mine))
    return [cluster_of({key: problems[key] for key in sorted(keys)}, mine) for keys, mine in groups]


def cluster_of(problems: Mapping[str, Problem], limits: Sequence[GroupLimit]) -> Cluster:
    """These supply points, clipped and in order of their keys, with limits that fit them."""
    clipped = {key: clip(problem) for key, problem in problems.items()}
    bent = {key: problem for key, (problem, _) in clipped.items()}
    fitted = tuple(_fit(limit, bent) for limit in sorted(limits, key=lambda it: it.key))
    wanted = {limit.key: limit.max_import_w for limit in limits}
    raised = tuple(
        Note(NoteCode.GROUP_LIMIT_RAISED, it.key)
        for it in fitted
        if any(most > asked for most, asked in zip(it.max_import_w, wanted[it.key], strict=False))
    )
    return Cluster(bent, fitted, {key: notes for key, (_, notes) in clipped.items()}, raised)


def _fit(limit: GroupLimit, problems: Mapping[str, Problem]) -> GroupLimit:
    """The limit for these slots, never below what flows when all vehicles pause."""
    keys = tuple(key for key in sorted(set(limit.site_keys)) if key in problems)
    count = len(next(iter(problems.values())).slot_starts)
    least = [sum(least_w(problems[key], slot) for key in keys) for slot in range(count)]
    most = curve(limit.max_import_w, count, -_HUGE_W, _HUGE_W)
    back = None if limit.max_export_w is None else curve(limit.max_export_w, count, 0.0, _HUGE_W)
    return GroupLimit(limit.key, keys, tuple(max(*pair) for pair in zip(most, least, strict=True)), back)


def least_w(problem: Problem, slot: int) -> float:
    """What a supply point draws when nobody charges and the surplus flows out."""
    return max(problem.demand_w[slot] - problem.production_w[slot], -problem.max_export_w[slot])


def _fits(cluster: Cluster, plans: Mapping[str, Plan]) -> bool:
    spares = [spare for limit in cluster.limits for spare in _spare_w(limit, _grids(plans))]
    return all(min(spare) > -_NEAR_W for spare in spares)


def _grids(plans: Mapping[str, Plan]) -> dict[str, tuple[float, ...]]:
    return {key: plan.grid_w for key, plan in plans.items()}


def _spare_w(limit: GroupLimit, grids: Mapping[str, Sequence[float]]) -> list[tuple[float, float]]:
    """What a limit leaves in each slot beyond these exchanges, for import and for export."""
    sums = [sum(powers) for powers in zip(*(grids[key] for key in limit.site_keys), strict=True)]
    backs = limit.max_export_w or (_HUGE_W,) * len(sums)
    return [(most - power, back + power) for power, most, back in zip(sums, limit.max_import_w, backs, strict=True)]


def _coupled(cluster: Cluster, planning: _Planning) -> dict[str, Plan] | None:
    """The cluster as one program; None when the solver brings nothing."""
    key = "+".join(cluster.problems)
    program = planning.planner.program(key)
    try:
        models, cost = rewrite(program, lambda: _build(cluster, program))
        outcome = planning.optimise(key, list(models.values()), cost)
    except pulp.PulpError:
        outcome = Outcome.NOTHING
    if outcome is Outcome.NOTHING:
        program.reset()
        return None
    status = Status.OPTIMAL if outcome is Outcome.OPTIMAL else Status.INCUMBENT
    powers = {key: powers_of(model) for key, model in models.items()}
    grids = {key: grid_w(problem, powers[key]) for key, problem in cluster.problems.items()}
    return {
        key: assemble(
            problem,
            powers[key],
            solver=program.back_end,
            status=status,
            notes=cluster.notes[key],
            group_slots=_scarce(cluster, key, grids),
        )
        for key, problem in cluster.problems.items()
    }


def _build(cluster: Cluster, program: Program) -> tuple[dict[str, Model], objective.Cost]:
    """The models of all supply points beside each other, money worth the same in each, and the limits' rows."""
    worth = {key: Scale.of(problem).money for key, problem in cluster.problems.items()}
    dearest = max(worth.values())
    models: dict[str, Model] = {}
    cost: objective.Cost = {}
    for number, (key, problem) in enumerate(cluster.problems.items()):
        models[key] = build(problem, program=program, prefix=f"site{number}_")
        cost.update(objective.plan_cost(models[key], max(worth[key] / dearest, _LEAST_WORTH)))
    for number, limit in enumerate(cluster.limits):
        keep_group_limit(program, number, limit, [models[key] for key in limit.site_keys])
    return models, cost


def keep_group_limit(program: Program, number: int, limit: GroupLimit, models: Sequence[Model]) -> None:
    """No more through the feeder, in either direction, than it can carry."""
    for slot, most in enumerate(limit.max_import_w):
        terms = {model.grid_import[slot]: 1.0 for model in models}
        terms.update({model.grid_export[slot]: -1.0 for model in models})
        program.row(f"group_{number}_{slot}", terms, LE, most / KILO)
        if limit.max_export_w is not None:
            back = {column: -factor for column, factor in terms.items()}
            program.row(f"group_back_{number}_{slot}", back, LE, limit.max_export_w[slot] / KILO)


def _scarce(cluster: Cluster, site: str, grids: Mapping[str, Sequence[float]]) -> frozenset[int]:
    """The slots in which a limit leaves this supply point nothing more."""
    spares = [_spare_w(limit, grids) for limit in cluster.limits if site in limit.site_keys]
    return frozenset(slot for spare in spares for slot, (room, _) in enumerate(spare) if room < _NEAR_W)


def _shared(cluster: Cluster, alone: Mapping[str, Plan], planning: _Planning) -> dict[str, Plan]:
    """Each supply point within its share of the capacity: for when no solver has the time for all at once."""
    problems = dict(cluster.problems)
    for limit in cluster.limits:
        for key, (most, back) in _shares(limit, cluster.problems, alone).items():
            narrow_import = tuple(map(min, problems[key].max_import_w, most))
            narrow_export = tuple(map(min, problems[key].max_export_w, back))
            problems[key] = replace(problems[key], max_import_w=narrow_import, max_export_w=narrow_export)
    made = {}
    for key, problem in problems.items():
        plan = planning.solve(key, problem, alone[key])
        status = Status.INCUMBENT if plan.status is Status.OPTIMAL else plan.status
        made[key] = replace(plan, status=status, notes=(*cluster.notes[key], Note(NoteCode.GROUP_SHARED)))
    return made


def _shares(
    limit: GroupLimit, problems: Mapping[str, Problem], alone: Mapping[str, Plan]
) -> dict[str, tuple[list[float], list[float]]]:
    """For each supply point of a limit what it may import and export in each slot, in proportion to what it wanted."""
    shares: dict[str, tuple[list[float], list[float]]] = {key: ([], []) for key in limit.site_keys}
    for slot, most in enumerate(limit.max_import_w):
        needs = {key: max(least_w(problems[key], slot), 0.0) for key in limit.site_keys}
        wants = {key: max(alone[key].grid_w[slot] - need, 0.0) for key, need in needs.items()}
        gives = {key: max(-alone[key].grid_w[slot], 0.0) for key in limit.site_keys}
        rest, back = max(most - sum(needs.values()), 0.0), limit.max_export_w[slot] if limit.max_export_w else _HUGE_W
        for key in limit.site_keys:
            shares[key][0].append(needs[key] + rest * _part(wants, key))
            shares[key][1].append(back * _part(gives, key))
    return shares


def _part(wishes: Mapping[str, float], key: str) -> float:
    total = sum(wishes.values())
    return wishes[key] / total if total > 0 else 1.0 / len(wishes)


def _with_group(cluster: Cluster, plans: Mapping[str, Plan]) -> dict[str, Plan]:
    """The plans with flexibility that the limits leave when all supply points use theirs at once."""
    up = {key: list(plan.flexibility_up_w) for key, plan in plans.items()}
    down = {key: list(plan.flexibility_down_w) for key, plan in plans.items()}
    for limit in cluster.limits:
        for slot, (spare, back) in enumerate(_spare_w(limit, _grids(plans))):
            for curves, room in ((up, spare), (down, back)):
                offered = sum(curves[key][slot] for key in limit.site_keys)
                kept = min(max(room, 0.0) / offered, 1.0) if offered > 0 else 1.0
                for key in limit.site_keys:
                    curves[key][slot] = round(curves[key][slot] * kept, 2)
    return {
        key: replace(
            plan,
            flexibility_up_w=tuple(up[key]),
            flexibility_down_w=tuple(down[key]),
            notes=(*plan.notes, *cluster.raised),
        )
        for key, plan in plans.items()
    }


def within_shares(problems: Mapping[str, Problem], limits: Sequence[GroupLimit]) -> dict[str, Problem]:
    """Each supply point within its part of a group's capacity: what houses need, and the rest by size.

    Of what may flow back, its part by what it has too much of. For clipped problems that are planned without a solver.
    """
    found = dict(problems)
    for limit in limits:
        keys = [key for key in limit.site_keys if key in problems]
        for key in keys:
            shares = [_share(problems, keys, key, most, slot) for slot, most in enumerate(limit.max_import_w)]
            most = tuple(map(min, found[key].max_import_w, shares))
            backs = [_share_back(problems, keys, key, back, slot) for slot, back in enumerate(limit.max_export_w or ())]
            back = tuple(map(min, found[key].max_export_w, backs)) if backs else found[key].max_export_w
            found[key] = replace(found[key], max_import_w=most, max_export_w=back)
    return found


def _share(problems: Mapping[str, Problem], keys: Sequence[str], key: str, most_w: float, slot: int) -> float:
    needs = {one: max(problems[one].demand_w[slot] - problems[one].production_w[slot], 0.0) for one in keys}
    room = {one: max(problems[one].max_import_w[slot] - needs[one], 0.0) for one in keys}
    rest, whole = max(most_w - sum(needs.values()), 0.0), sum(room.values())
    return needs[key] + (rest * room[key] / whole if whole > 0 else 0.0)


def _share_back(problems: Mapping[str, Problem], keys: Sequence[str], key: str, back_w: float, slot: int) -> float:
    surplus = {one: max(problems[one].production_w[slot] - problems[one].demand_w[slot], 0.0) for one in keys}
    return max(back_w, 0.0) * _part(surplus, key)
