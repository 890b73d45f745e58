"""The rows of the bench, each with the figure it should reach."""

from smac.optimisation.adapter import Program
from smac.optimisation.live import LivePlanner
from smac.optimisation.problem import Scope
from smac.optimisation.solve import solve
from smac.optimisation.verdict import judge
from tests.load.smac_bench.direct import Direct
from tests.load.smac_bench.measure import again, cold, medians, milliseconds, peak_mb, tell
from tests.load.smac_bench.scenes import changed, ordered, site

# Sessions, runs of which the median counts, and the ratio that a cold solve A should reach.
SIZES = ((10, 15, 2.0), (50, 7, 1.6), (200, 5, 1.6))
BOTH_AT_MOST = 3.0
LIVE_AT_MOST = SITES_AT_MOST = 0.5
PREVIEW_AT_MOST_MS = 1000.0


def cold_rows() -> None:
    """From nothing: solve A alone, both solves, the whole plan with its explanations; and memory."""
    for count, repeat, at_most in SIZES:
        problem = site(count)
        exact, found = Direct(problem).solve(), cold(problem, preview=True)
        if abs(found - exact) > 1e-6 * max(abs(exact), 1.0):
            raise SystemExit(f"not the same optimum at {count}: {found} instead of {exact}")

        def baseline() -> float:
            return Direct(problem).solve()  # noqa: B023 (used before the next turn)

        tell("smac-cold", count, "solve A", *medians(lambda: cold(problem, preview=True), baseline, repeat), at_most)  # noqa: B023
        both = medians(lambda: cold(problem, preview=False), baseline, repeat)  # noqa: B023
        tell("smac-cold", count, "both solves", *both, BOTH_AT_MOST)
        tell("smac-whole", count, "whole plan", *medians(lambda: solve(problem), baseline, repeat), None)  # noqa: B023
        tell("smac-cold", count, "peak memory", peak_mb("ours", count), peak_mb("direct", count), None, "MB")


def live_rows() -> None:
    """A live model gets other numbers; the baseline is a direct solve of them from nothing."""
    for count, repeat, _ in SIZES:
        program, news = Program(), [changed(site(count), seed) for seed in range(repeat + 1)]
        again(program, news[0])
        left, right = iter(news[1:]), iter(news[1:])
        ours, baseline = medians(lambda: again(program, next(left)), lambda: Direct(next(right)).solve(), repeat)  # noqa: B023
        tell("smac-live", count, "solve A again", ours, baseline, LIVE_AT_MOST)


def sites_rows(sites: int = 100, count: int = 10) -> None:
    """Many supply points planned again, against as many direct solves from nothing."""
    problems = [site(count, seed) for seed in range(sites)]
    news = [changed(problem, seed) for seed, problem in enumerate(problems)]
    programs, planner = [Program() for _ in problems], LivePlanner(kept=sites)
    for number, (program, problem) in enumerate(zip(programs, problems, strict=True)):
        again(program, problem)
        planner.solve(str(number), problem)
    baseline = sum(milliseconds(lambda: Direct(problem).solve()) for problem in news)  # noqa: B023
    ours = milliseconds(lambda: [again(program, it) for program, it in zip(programs, news, strict=True)])
    tell("smac-sites", sites, f"solve A again, {count} sessions each", ours, baseline, SITES_AT_MOST)
    whole = milliseconds(lambda: [planner.solve(str(number), it) for number, it in enumerate(news)])
    tell("smac-whole", sites, f"whole plans, {count} sessions each", whole, baseline, None)


def preview_rows(count: int = 200) -> None:
    """The verdict on an order not yet saved; the baseline is the time in which people wait gladly."""
    problem = site(count)
    for scope, share in ((Scope.TOGETHER, 0.6), (Scope.TOGETHER, 0.0), (Scope.EACH, 0.3), (Scope.EACH, 0.0)):
        asked = ordered(problem, scope, share)
        verdict = judge(asked, ["order"])
        taken = sorted(milliseconds(lambda: judge(asked, ["order"])) for _ in range(3))[1]  # noqa: B023
        what = f"{scope}, {share:.0%} of the connection: {verdict.outcome}"
        tell("smac-preview", count, what, taken, PREVIEW_AT_MOST_MS, 1.0)
