"""Draw the offline vector map of the two pilots: twinev/static/twinev/geo/pilots.geojson.

Needs the project itself only: `python scripts/make_geo.py`. Roads, rivers and parks are hand-drawn (geo_sketch.py);
the small streets and building blocks between them are drawn here by a rule, so they look like a town but are not
surveyed. Each feature has `pilot`, `kind` and, where it has one, `name`. Kinds: built, field, green, water, block,
river, rail, main, street, and the points town and quarter; the style sheet gives each its look (`map-base--KIND`).
"""

from __future__ import annotations

import json
import math
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from geo_sketch import SKETCHES, Blob, Point, Sketch, Town  # noqa: E402

from twinev.demo.district import DISTRICT  # noqa: E402

TARGET = ROOT / "twinev" / "static" / "twinev" / "geo" / "pilots.geojson"
METRES_PER_DEGREE = 111_320.0
STEP_M = 20.0
# Shorter bits of street look like noise.
SHORTEST_STREET_M = 55.0
# Building blocks are drawn only this near to a station: elsewhere the built-up tint is enough.
BLOCKS_WITHIN_M = 650.0
# Blocks keep clear of the big roads by this much.
ROAD_CLEARANCE_M = 14.0
LONGEST_REACH_M = 2600.0
BLOCK_INSET_M = 9.0
FIELD_INSET_M = 16.0
FIELD_SHARE = 0.42
# Small streets far from every station would only be weight.
STREETS_WITHIN_M = 3200.0

LINE_KINDS = {"major": "main", "middle": "street", "path": "street"}
AREA_KINDS = {"park": "green", "wood": "green", "site": "green", "water": "water"}

Metres = tuple[float, float]


@dataclass
class Plane:
    """Metres east and north of an origin: flat enough for a few kilometres."""

    origin: Point
    scale: float = field(init=False)

    def __post_init__(self) -> None:
        self.scale = METRES_PER_DEGREE * math.cos(math.radians(self.origin[0]))

    def metres(self, point: Point) -> Metres:
        return (point[1] - self.origin[1]) * self.scale, (point[0] - self.origin[0]) * METRES_PER_DEGREE

    def degrees(self, point: Metres) -> list[float]:
        """Longitude and latitude, as GeoJSON has them, to about a metre."""
        return [
            round(self.origin[1] + point[0] / self.scale, 5),
            round(self.origin[0] + point[1] / METRES_PER_DEGREE, 5),
        ]


def smooth(points: Sequence[Metres], parts: int = 4) -> list[Metres]:
    """A Catmull-Rom curve: bends gently and goes through each point, so that roads still meet."""
    line: list[Metres] = []
    padded = [points[0], *points, points[-1]]
    for before, start, end, after in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        line += [_on_curve(before, start, end, after, step / parts) for step in range(parts)]
    return [*line, points[-1]]


def _on_curve(before: Metres, start: Metres, end: Metres, after: Metres, t: float) -> Metres:
    def axis(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)

    return axis(before[0], start[0], end[0], after[0]), axis(before[1], start[1], end[1], after[1])


def ellipse(blob: Blob, plane: Plane) -> list[Metres]:
    """A blob's outline: an ellipse with a wobble of its own, so that no two look alike."""
    dice = random.Random(f"{blob.name}{blob.centre}")
    waves = [(n, dice.uniform(0, math.tau), dice.uniform(0.02, 0.09)) for n in (2, 3, 5)]
    cx, cy = plane.metres(blob.centre)
    turn = math.radians(90 - blob.bearing)
    ring = []
    for step in range(28):
        angle = math.tau * step / 28
        radius = 1 + sum(height * math.sin(n * angle + phase) for n, phase, height in waves)
        x, y = blob.half_m[0] * radius * math.cos(angle), blob.half_m[1] * radius * math.sin(angle)
        ring.append((cx + x * math.cos(turn) - y * math.sin(turn), cy + x * math.sin(turn) + y * math.cos(turn)))
    return [*ring, ring[0]]


def inside(point: Metres, ring: Sequence[Metres]) -> bool:
    """Even-odd rule."""
    x, y = point
    odd = False
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            odd = not odd
    return odd


def distance(point: Metres, line: Sequence[Metres]) -> float:
    """Metres from a point to a line."""
    best = math.inf
    for (ax, ay), (bx, by) in pairwise(line):
        length = (bx - ax) ** 2 + (by - ay) ** 2
        share = 0.0 if length == 0 else ((point[0] - ax) * (bx - ax) + (point[1] - ay) * (by - ay)) / length
        share = min(1.0, max(0.0, share))
        best = min(best, math.dist(point, (ax + share * (bx - ax), ay + share * (by - ay))))
    return best


class TownPlan:
    """The small streets and blocks of one town."""

    def __init__(self, town: Town, plane: Plane, obstacles: list[list[Metres]], roads: list[list[Metres]]) -> None:
        self.town = town
        self.outline = [plane.metres(point) for point in town.outline]
        self.centres = [plane.metres(quarter.centre) for quarter in town.quarters]
        self.obstacles = obstacles
        self.roads = roads
        self.radius = max(math.dist(centre, corner) for centre in self.centres for corner in self.outline)

    def owns(self, quarter: int, point: Metres) -> bool:
        """Whether a point is built up and nearer to this quarter's centre than to any other's."""
        nearest = min(range(len(self.centres)), key=lambda index: math.dist(point, self.centres[index]))
        if nearest != quarter or not inside(point, self.outline):
            return False
        return not any(inside(point, ring) for ring in self.obstacles)

    def place(self, quarter: int, along: float, across: float) -> Metres:
        """From the quarter's own grid to the plane, bent a little, as streets are."""
        wobble = self.town.wobble_m
        along += wobble * math.sin(across / 170 + quarter)
        across += wobble * math.sin(along / 210 + 2 * quarter)
        turn = math.radians(self.town.quarters[quarter].bearing)
        cx, cy = self.centres[quarter]
        return cx + along * math.cos(turn) - across * math.sin(turn), cy + along * math.sin(turn) + across * math.cos(
            turn
        )

    def reach(self, quarter: int) -> float:
        """How far the quarter's streets may go: to the middle between it and others, within limits."""
        return min(self.radius, LONGEST_REACH_M)

    def streets(self, quarter: int) -> Iterator[list[Metres]]:
        dice = random.Random(f"{self.town.name}{quarter}")
        reach = self.reach(quarter)
        for turned, spacing in enumerate(self.town.quarters[quarter].spacing_m):
            count = int(reach // spacing)
            for index in range(-count, count + 1):
                yield from self._pieces(quarter, index * spacing, reach, bool(turned), dice)

    def _pieces(
        self, quarter: int, offset: float, reach: float, turned: bool, dice: random.Random
    ) -> Iterator[list[Metres]]:
        """The parts of one street that lie in the quarter, with gaps where blocks run through."""
        piece: list[Metres] = []
        block = 0.0
        is_gap = False
        position = -reach
        while position <= reach:
            if position >= block:
                block, is_gap = position + 190.0, dice.random() < self.town.gap_share
            here = self.place(quarter, *((position, offset) if turned else (offset, position)))
            if not is_gap and self.owns(quarter, here):
                piece.append(here)
            else:
                if piece and math.dist(piece[0], piece[-1]) >= SHORTEST_STREET_M:
                    yield thinned(piece)
                piece = []
            position += STEP_M
        if piece and math.dist(piece[0], piece[-1]) >= SHORTEST_STREET_M:
            yield thinned(piece)

    def blocks(self, quarter: int, inset_m: float) -> Iterator[list[Metres]]:
        """The pieces of ground between the streets that touch no big road and no obstacle."""
        wide, deep = self.town.quarters[quarter].spacing_m
        reach = self.reach(quarter)
        columns, rows = int(reach // wide), int(reach // deep)
        for column in range(-columns, columns):
            for row in range(-rows, rows):
                ring = self._block(quarter, (column * wide, row * deep), (wide, deep), inset_m)
                if self._is_free(quarter, ring):
                    yield [*ring, ring[0]]

    def _block(self, quarter: int, corner: Metres, size: Metres, inset_m: float) -> list[Metres]:
        near, far = corner[0] + inset_m, corner[0] + size[0] - inset_m
        low, high = corner[1] + inset_m, corner[1] + size[1] - inset_m
        return [self.place(quarter, *point) for point in ((near, low), (far, low), (far, high), (near, high))]

    def houses(self) -> Iterator[list[Metres]]:
        """Single houses beside the village's streets, turned like the street."""
        dice = random.Random(self.town.name)
        lines = [line for index in range(len(self.centres)) for line in self.streets(index)] + self.roads
        found: list[Metres] = []
        for _ in range(self.town.houses * 60):
            if len(found) == self.town.houses:
                return
            (ax, ay), (bx, by) = dice.choice(list(pairwise(dice.choice(lines))))
            share, side = dice.random(), dice.choice((-1, 1)) * dice.uniform(19, 26)
            turn = math.atan2(by - ay, bx - ax)
            middle = (ax + share * (bx - ax) - side * math.sin(turn), ay + share * (by - ay) + side * math.cos(turn))
            if self._has_room(middle, lines, found):
                found.append(middle)
                yield rectangle(middle, dice.uniform(6, 10), dice.uniform(5, 7), turn)

    def _has_room(self, middle: Metres, lines: Sequence[Sequence[Metres]], houses: Sequence[Metres]) -> bool:
        if not inside(middle, self.outline) or any(inside(middle, ring) for ring in self.obstacles):
            return False
        if any(math.dist(middle, house) < 26 for house in houses):
            return False
        return all(distance(middle, line) > 14 for line in lines)

    def _is_free(self, quarter: int, ring: Sequence[Metres]) -> bool:
        if not all(self.owns(quarter, corner) for corner in ring):
            return False
        edge = [*ring, ring[0]]
        halves = [((ax + bx) / 2, (ay + by) / 2) for (ax, ay), (bx, by) in pairwise(edge)]
        return all(distance(point, road) > ROAD_CLEARANCE_M for point in (*ring, *halves) for road in self.roads)


def rectangle(middle: Metres, half_long: float, half_wide: float, turn: float) -> list[Metres]:
    """A closed ring around `middle`, turned by `turn` radians."""
    cos, sin = math.cos(turn), math.sin(turn)
    corners = ((-half_long, -half_wide), (half_long, -half_wide), (half_long, half_wide), (-half_long, half_wide))
    ring = [(middle[0] + x * cos - y * sin, middle[1] + x * sin + y * cos) for x, y in corners]
    return [*ring, ring[0]]


def thinned(piece: Sequence[Metres]) -> list[Metres]:
    """Every fifth point and the last: enough for the gentle bends."""
    return [*piece[:-1:5], piece[-1]]


def feature(pilot: str, kind: str, geometry: dict[str, Any], **more: str) -> dict[str, Any]:
    properties = {"pilot": pilot, "kind": kind, **{key: value for key, value in more.items() if value}}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def geometry(kind: str, coordinates: Any) -> dict[str, Any]:
    return {"type": kind, "coordinates": coordinates}


def drawn(sketch: Sketch, stations: Iterable[Point]) -> Iterator[dict[str, Any]]:
    """All features of a pilot, from the ground up."""
    plane = Plane(sketch.origin)
    places = [plane.metres(station) for station in stations]
    yield from _areas(sketch, plane)
    roads = [smooth([plane.metres(point) for point in road.points]) for road in sketch.roads]
    solid = [ellipse(blob, plane) for blob in sketch.areas]
    for town in sketch.towns:
        yield from _town(sketch.name, TownPlan(town, plane, solid, roads), plane, places)
    for kind, lines in (("river", sketch.rivers), ("rail", sketch.rails)):
        for line in lines:
            bent = smooth([plane.metres(point) for point in line.points])
            yield feature(sketch.name, kind, _line(bent, plane), name=line.name)
    for road, bent in zip(sketch.roads, roads, strict=True):
        yield feature(sketch.name, LINE_KINDS[road.rank], _line(bent, plane), name=road.name)
    yield from _labels(sketch)


def _line(points: Sequence[Metres], plane: Plane) -> dict[str, Any]:
    return geometry("LineString", [plane.degrees(point) for point in points])


def _areas(sketch: Sketch, plane: Plane) -> Iterator[dict[str, Any]]:
    for ring in sketch.water:
        corners = smooth([plane.metres(point) for point in (*ring, ring[0])])
        yield feature(sketch.name, "water", geometry("Polygon", [[plane.degrees(corner) for corner in corners]]))
    yield from _farmland(sketch, plane)
    for town in sketch.towns:
        corners = smooth([plane.metres(point) for point in (*town.outline, town.outline[0])])
        ring_degrees = [plane.degrees(corner) for corner in corners]
        yield feature(sketch.name, "built", geometry("Polygon", [ring_degrees]), name=town.name)
    for blob in sketch.areas:
        yield _blob(sketch.name, blob, plane)


def _blob(pilot: str, blob: Blob, plane: Plane) -> dict[str, Any]:
    ring = [plane.degrees(point) for point in ellipse(blob, plane)]
    return feature(pilot, AREA_KINDS[blob.kind], geometry("Polygon", [ring]), name=blob.name)


def _town(pilot: str, plan: TownPlan, plane: Plane, stations: Sequence[Metres]) -> Iterator[dict[str, Any]]:
    """A village gets single houses, a town blocks where stations are near, both their small streets."""
    for index in range(len(plan.centres)):
        rings = (
            []
            if plan.town.houses
            else [ring for ring in plan.blocks(index, BLOCK_INSET_M) if near(ring, stations, BLOCKS_WITHIN_M)]
        )
        if rings:
            yield feature(pilot, "block", _rings(rings, plane))
        streets = [street for street in plan.streets(index) if near(street, stations, STREETS_WITHIN_M)]
        if streets:
            lines = [[plane.degrees(point) for point in street] for street in streets]
            yield feature(pilot, "street", geometry("MultiLineString", lines))
    houses = list(plan.houses())
    if houses:
        yield feature(pilot, "block", _rings(houses, plane))


def near(shape: Sequence[Metres], stations: Sequence[Metres], within_m: float) -> bool:
    return min(math.dist(shape[0], station) for station in stations) < within_m


def _rings(rings: Iterable[Sequence[Metres]], plane: Plane) -> dict[str, Any]:
    return geometry("MultiPolygon", [[[plane.degrees(point) for point in ring]] for ring in rings])


def _farmland(sketch: Sketch, plane: Plane) -> Iterator[dict[str, Any]]:
    """Fields as a patchwork."""
    if sketch.farmland is None:
        return
    taken = [ellipse(blob, plane) for blob in sketch.areas]
    taken += [[plane.metres(point) for point in town.outline] for town in sketch.towns]
    lines = [smooth([plane.metres(point) for point in line.points]) for line in (*sketch.roads, *sketch.rivers)]
    plan = TownPlan(sketch.farmland, plane, taken, lines)
    dice = random.Random(sketch.name)
    for index in range(len(plan.centres)):
        fields = [ring for ring in plan.blocks(index, FIELD_INSET_M) if dice.random() < FIELD_SHARE]
        yield feature(sketch.name, "field", _rings(fields, plane))


def _labels(sketch: Sketch) -> Iterator[dict[str, Any]]:
    """Names of towns and quarters as the people there write them."""
    for town in sketch.towns:
        middle = (_mean(point[0] for point in town.outline), _mean(point[1] for point in town.outline))
        yield _label(sketch.name, "town", town.name, middle)
        for quarter in town.quarters:
            if quarter.name != town.name:
                yield _label(sketch.name, "quarter", quarter.name, quarter.centre)


def _mean(values: Iterable[float]) -> float:
    known = list(values)
    return round(sum(known) / len(known), 5)


def _label(pilot: str, kind: str, name: str, place: Point) -> dict[str, Any]:
    return feature(pilot, kind, geometry("Point", [place[1], place[0]]), name=name)


def main() -> None:
    stations: dict[str, list[Point]] = {"steinheim": [], "athens": []}
    for _, supply_point, charge_point in DISTRICT.charge_points():
        stations[supply_point.pv_site].append((charge_point.latitude, charge_point.longitude))
    features = [one for sketch in SKETCHES for one in drawn(sketch, stations[sketch.name])]
    collection = {
        "type": "FeatureCollection",
        "name": "TwinEV pilots: schematic, drawn by the project, not surveyed (Apache-2.0)",
        "features": features,
    }
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in features)
    head = json.dumps({key: collection[key] for key in ("type", "name")}, ensure_ascii=False)[:-1]
    TARGET.write_text(f'{head}, "features": [\n{lines}\n]}}\n', encoding="utf-8")
    print(f"{len(features)} features, {TARGET.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main()
