"""The offline map under the markers."""

import json
import math
from collections import Counter
from itertools import pairwise
from pathlib import Path

import twinev
from twinev.demo.district import DISTRICT

FILE = Path(twinev.__file__).parent / "static" / "twinev" / "geo" / "pilots.geojson"
FEATURES = json.loads(FILE.read_text(encoding="utf-8"))["features"]
LINES = {"LineString": lambda shape: [shape], "MultiLineString": lambda shape: shape}
# What the style sheet has a look for.
KINDS = {"built", "field", "green", "water", "block", "river", "rail", "main", "street", "town", "quarter"}


def _streets() -> list[list[list[float]]]:
    roads = [one["geometry"] for one in FEATURES if one["properties"]["kind"] in ("street", "main")]
    return [line for shape in roads for line in LINES[shape["type"]](shape["coordinates"])]


def _metres_to(line: list[list[float]], longitude: float, latitude: float) -> float:
    """Least distance to a line, on a plane around the point."""
    scale = 111_320.0
    flat = [((x - longitude) * scale * math.cos(math.radians(latitude)), (y - latitude) * scale) for x, y in line]
    best = math.inf
    for (ax, ay), (bx, by) in pairwise(flat):
        length = (bx - ax) ** 2 + (by - ay) ** 2 or 1.0
        share = min(1.0, max(0.0, -(ax * (bx - ax) + ay * (by - ay)) / length))
        best = min(best, math.hypot(ax + share * (bx - ax), ay + share * (by - ay)))
    return best


def test_every_station_stands_beside_a_street():
    streets = _streets()
    for _, _, point in DISTRICT.charge_points():
        nearest = min(_metres_to(line, point.longitude, point.latitude) for line in streets)
        assert nearest < 90, f"{point.identity}: {nearest:.0f} m"


def test_the_map_is_light_and_has_only_kinds_that_the_style_sheet_knows():
    assert FILE.stat().st_size < 600 * 1024
    assert {one["properties"]["kind"] for one in FEATURES} == KINDS


def test_both_pilots_have_a_street_network_and_names():
    for pilot in ("steinheim", "athens"):
        kinds = Counter(one["properties"]["kind"] for one in FEATURES if one["properties"]["pilot"] == pilot)
        assert {"built", "green", "river", "rail", "main", "street", "block", "town"} <= set(kinds)
    assert len(_streets()) > 1000


def test_areas_are_closed_rings():
    for one in FEATURES:
        shape = one["geometry"]
        polygons = {"Polygon": [shape["coordinates"]], "MultiPolygon": shape["coordinates"]}.get(shape["type"], [])
        for polygon in polygons:
            assert polygon[0][0] == polygon[0][-1], one["properties"]
            assert len(polygon[0]) >= 4


def test_hagedorn_has_its_38_houses():
    south, north, west, east = 51.864, 51.873, 9.160, 9.175
    houses = [
        polygon
        for one in FEATURES
        if one["properties"]["kind"] == "block"
        for polygon in one["geometry"]["coordinates"]
        if south < polygon[0][0][1] < north and west < polygon[0][0][0] < east
    ]
    assert len(houses) == 38
