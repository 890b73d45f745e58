"""How the cost of a cold solve grows with the number of sessions, ours and the direct solver's, as a picture."""

import math
from pathlib import Path

from tests.load.smac_bench.direct import Direct
from tests.load.smac_bench.measure import cold, medians, tell
from tests.load.smac_bench.scenes import site

SIZES = ((10, 9), (30, 7), (100, 3), (300, 1), (1000, 1))
# Doubling the sessions may cost us this much more than it costs the direct solver: the noise of one run.
AT_MOST = 1.1

Point = tuple[int, float, float]


def growth_rows(picture: Path | None = None) -> None:
    """One row a size, and one for the slope: by what power of the number time grows."""
    points: list[Point] = []
    for count, repeat in SIZES:
        problem = site(count)
        ours, direct = medians(lambda: cold(problem, preview=True), lambda: Direct(problem).solve(), repeat)  # noqa: B023
        points.append((count, ours, direct))
        tell("smac-growth", count, "solve A", ours, direct, None)
    slopes = (_slope([(n, ours) for n, ours, _ in points]), _slope([(n, direct) for n, _, direct in points]))
    tell("smac-growth", SIZES[-1][0], "power by which time grows", *slopes, AT_MOST, "exponent")
    if picture:
        picture.parent.mkdir(parents=True, exist_ok=True)
        picture.write_text(draw(points))


def _slope(points: list[tuple[int, float]]) -> float:
    """The straight line through the points on logarithmic scales, least squares."""
    logs = [(math.log(n), math.log(ms)) for n, ms in points]
    middle = [sum(values) / len(logs) for values in zip(*logs, strict=True)]
    over = sum((x - middle[0]) * (y - middle[1]) for x, y in logs)
    return over / sum((x - middle[0]) ** 2 for x, _ in logs)


_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 720, 440, 70, 56, 150, 60
_COLOURS = {"TwinEV": "#0b6e4f", "highspy directly": "#b3541e"}


def draw(points: list[Point]) -> str:
    """Both curves on logarithmic scales, as SVG."""
    top = 10 ** math.ceil(math.log10(max(max(point[1:]) for point in points)))
    low = 10 ** math.floor(math.log10(min(min(point[1:]) for point in points)))

    def x(n: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (math.log10(n) - 1) / 2

    def y(ms: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * math.log10(ms / low) / math.log10(top / low)

    parts = [_text(_LEFT, 26, "A cold solve: processor time by number of sessions", size=16, bold=True)]
    parts += [_text(_LEFT, 44, "V2G, 96 slots, the import limit binds; both scales logarithmic", colour="#555")]
    parts += [_line(x(10), y(ms), x(1000), y(ms)) for ms in _tens(low, top)]
    parts += [_text(_LEFT - 8, y(ms) + 4, _time(ms), anchor="end") for ms in _tens(low, top)]
    parts += [_text(x(n), _HEIGHT - _BOTTOM + 20, str(n), anchor="middle") for n, _, _ in points]
    parts += [_text(x(100), _HEIGHT - 14, "sessions", anchor="middle", colour="#555")]
    for index, (name, colour) in enumerate(_COLOURS.items(), start=1):
        curve = [(x(point[0]), y(point[index])) for point in points]
        path = " ".join(f"{across:.1f},{down:.1f}" for across, down in curve)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{across:.1f}" cy="{down:.1f}" r="4" fill="{colour}"/>' for across, down in curve]
        # The curves end close together; their names stand apart.
        parts.append(_text(curve[-1][0] + 10, curve[-1][1] + (-6 if index == 1 else 16), name, colour=colour))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif">'
    return "\n".join([head, f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>', *parts, "</svg>", ""])


def _tens(low: float, top: float) -> list[float]:
    return [low * 10**step for step in range(round(math.log10(top / low)) + 1)]


def _time(ms: float) -> str:
    return f"{ms / 1000:g} s" if ms >= 1000 else f"{ms:g} ms"


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="#ddd"/>'


def _text(
    x: float, y: float, text: str, *, size: int = 13, anchor: str = "start", colour: str = "#222", bold: bool = False
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{weight}'
    return f"<text {place}>{text}</text>"
