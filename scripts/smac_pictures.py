"""Draws the situations (a) to (c) of docs/smac.md: solves their cases anew and writes docs/smac/situation-*.svg.

    python scripts/smac_pictures.py          the same input gives the same bytes

The pictures bring their own background, a light and a dark one.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from smac.optimisation.plan import Plan  # noqa: E402
from smac.optimisation.problem import Order, Problem, problem_from_dict  # noqa: E402
from smac.optimisation.solve import solve  # noqa: E402

CASES = ROOT / "tests" / "smac" / "optimisation" / "cases"
OUT = ROOT / "docs" / "smac"

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 720, 330, 62, 76, 20, 76
# Each at least 3:1 against both backgrounds.
LIMIT, PRICE = "#d1493f", "#a06be0"
COLOURS = ("#1f9d6b", "#3f84e5", "#c07a12")
STYLE = (
    "<style>.ground{fill:#fff}.ink{fill:#222}.line{stroke:#ddd}"
    "@media (prefers-color-scheme:dark){.ground{fill:#161b22}.ink{fill:#e6e6e6}.line{stroke:#3a414b}}</style>"
)


@dataclass(frozen=True)
class Situation:
    """One picture: the case it comes from, and its title."""

    letter: str
    case: str
    title: str


SITUATIONS = (
    Situation("a", "situation_a_no_binding_limit", "No limit binds: power follows the headroom"),
    Situation("b", "situation_b_order_in_the_last_part", "An order for the last two hours: more before it"),
    Situation("c", "situation_c_cheap_from_slot_15", "Energy is cheap from 03:45: the drivers ask for cheap"),
)


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for situation in SITUATIONS:
        path = OUT / f"situation-{situation.letter}.svg"
        path.write_text(picture(situation), encoding="utf-8")
        print(f"{path.relative_to(ROOT)}: {answer(*planned(situation))}")


def planned(situation: Situation) -> tuple[Problem, Plan]:
    """The case's problem and the optimiser's plan for it."""
    problem = problem_from_dict(json.loads((CASES / f"{situation.case}.json").read_text())["problem"])
    return problem, solve(problem)


def picture(situation: Situation) -> str:
    """The SVG of one situation."""
    problem, plan = planned(situation)
    title = f"({situation.letter}) {situation.title}"
    return draw(problem, plan, title)


def answer(problem: Problem, plan: Plan) -> str:
    """The plan's answer in a line: each stretch of power, what the highest share of the headroom is, what it costs."""
    stretches = " · ".join(f"{count} × {_number(power / 1000)} kW" for count, power in _stretches(totals_w(plan)))
    if len(set(problem.import_price)) > 1:
        return f"{stretches}; {plan.cost:.2f} EUR"
    return f"{stretches}; z = {_number(utilisation(problem, plan))}"


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")


def totals_w(plan: Plan) -> list[float]:
    """What all vehicles draw in each slot."""
    return [sum(powers) for powers in zip(*(session.power_w for session in plan.sessions), strict=True)]


def limits_w(problem: Problem) -> list[float]:
    """What the supply point and its orders leave to the vehicles in each slot."""
    limits = list(problem.max_import_w)
    for order in problem.orders:
        for slot in range(order.first_slot, order.last_slot):
            limits[slot] = min(limits[slot], _limit_w(order))
    return limits


def utilisation(problem: Problem, plan: Plan) -> float:
    """z: the highest share of the headroom that is used in any slot."""
    pairs = zip(totals_w(plan), limits_w(problem), strict=True)
    return max(power / limit for power, limit in pairs if limit > 0)


def _limit_w(order: Order) -> float:
    return float("inf") if order.limit_w is None else order.limit_w


def _stretches(powers: Sequence[float]) -> list[tuple[int, float]]:
    found: list[tuple[int, float]] = []
    for power in powers:
        if found and abs(found[-1][1] - power) < 1:
            found[-1] = (found[-1][0] + 1, found[-1][1])
        else:
            found.append((1, power))
    return found


def draw(problem: Problem, plan: Plan, title: str) -> str:
    """Bars of the vehicles' power on each other, the limit above them, the price as steps where it changes."""
    top_kw = 10 * -(-max(limits_w(problem)) // 10_000)
    parts = [_text(LEFT, 24, title, size=16, bold=True), _text(LEFT, 46, answer(problem, plan), size=14)]
    parts += _grid(problem, top_kw)
    parts += _bars(plan, top_kw)
    parts.append(_steps([limit / 1000 for limit in limits_w(problem)], top_kw, LIMIT, ' stroke-dasharray="7 4"'))
    legend = [(f"vehicle {session.key}", colour) for session, colour in zip(plan.sessions, COLOURS, strict=False)]
    legend.append(("limit" if not problem.orders else "limit and order", LIMIT))
    if len(set(problem.import_price)) > 1:
        parts += _prices(problem, top_kw)
        legend.append(("price, EUR per kWh", PRICE))
    parts += _legend(legend)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">'
    ground = f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>'
    told = f"<title>{title}: {answer(problem, plan)}</title>"
    return "\n".join([head, told, STYLE, ground, *parts, "</svg>", ""])


def _across(place: float, slots: int) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * place / slots


def _down(power_kw: float, top_kw: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * power_kw / top_kw


def _grid(problem: Problem, top_kw: float) -> list[str]:
    """Lines each 10 kW, the time each hour."""
    slots = len(problem.slots)
    parts = []
    for power_kw in range(0, int(top_kw) + 1, 10):
        y = _down(power_kw, top_kw)
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" class="line"/>')
        parts.append(_text(LEFT - 8, y + 4, f"{power_kw} kW", anchor="end"))
    for slot in range(0, slots, 4):
        place = _text(_across(slot, slots), HEIGHT - BOTTOM + 20, f"{problem.slot_starts[slot]:%H:%M}", anchor="middle")
        parts.append(place)
    return parts


def _bars(plan: Plan, top_kw: float) -> list[str]:
    slots = len(plan.slot_starts)
    width = (WIDTH - LEFT - RIGHT) / slots - 2
    parts = []
    for slot in range(slots):
        below = 0.0
        for session, colour in zip(plan.sessions, COLOURS, strict=False):
            power_kw = session.power_w[slot] / 1000
            y = _down(below + power_kw, top_kw)
            height = _down(below, top_kw) - y
            below += power_kw
            if height >= 0.05:
                size = f'x="{_across(slot, slots) + 1:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
                parts.append(f'<rect {size} fill="{colour}"/>')
    return parts


def _prices(problem: Problem, top_kw: float) -> list[str]:
    """The price has no scale of its own: its highest is at nine tenths of the height, and each step tells its value."""
    prices = problem.import_price
    heights = [price / max(prices) * 0.9 * top_kw for price in prices]
    parts = [_steps(heights, top_kw, PRICE, "")]
    for slot, price in enumerate(prices):
        if slot + 1 == len(prices) or price != prices[slot + 1]:
            end = _across(slot + 1, len(prices)) - 6
            parts.append(_text(end, _down(heights[slot], top_kw) - 5, f"{price:.2f}", anchor="end"))
    return parts


def _steps(values: Sequence[float], top_kw: float, colour: str, dashes: str) -> str:
    points = []
    for slot, value in enumerate(values):
        y = _down(value, top_kw)
        points += [f"{_across(edge, len(values)):.1f},{y:.1f}" for edge in (slot, slot + 1)]
    return f'<polyline points="{" ".join(points)}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'


def _legend(entries: Sequence[tuple[str, str]]) -> list[str]:
    parts, x, y = [], float(LEFT), HEIGHT - 20
    for name, colour in entries:
        parts.append(f'<rect x="{x:.1f}" y="{y - 10}" width="12" height="12" fill="{colour}"/>')
        parts.append(_text(x + 18, y, name))
        x += 40 + 7.2 * len(name)
    return parts


def _text(x: float, y: float, text: str, *, size: int = 13, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" class="ink"{weight}>{text}</text>'


if __name__ == "__main__":
    main()
