"""One line of JSON a figure."""

import json
from typing import Any


def tell(
    bench: str, n: int, what: str, ours: float, baseline: float, at_most: float | None, unit: str, **more: Any
) -> None:
    """``ratio`` is ours / baseline, and ``at_most`` what it should be."""
    ratio = ours / baseline
    line: dict[str, Any] = {
        "bench": bench,
        "n": n,
        "what": what,
        "ours": _rounded(ours),
        "baseline": _rounded(baseline),
    }
    line |= {"ratio": _rounded(ratio), "unit": unit}
    if at_most is not None:
        line |= {"at_most": at_most, "ok": ratio <= at_most}
    print(json.dumps(line | {name: _rounded(value) for name, value in more.items()}), flush=True)


def tell_fact(bench: str, n: int, what: str, ours: float, unit: str, at_most: float | None = None, **more: Any) -> None:
    """A figure with nothing to compare it to, but perhaps with a limit of its own."""
    line: dict[str, Any] = {"bench": bench, "n": n, "what": what, "ours": _rounded(ours), "unit": unit}
    if at_most is not None:
        line |= {"at_most": at_most, "ok": ours <= at_most}
    print(json.dumps(line | {name: _rounded(value) for name, value in more.items()}), flush=True)


def _rounded(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value
