"""Fetch and verify the browser libraries that stand in twinev/static/vendor.

    python scripts/vendor.py verify     every file is there and has the hash that the manifest says
    python scripts/vendor.py refresh    fetch the versions of the manifest from npm and write files and hashes anew

To take a newer version, change it in manifest.json and run ``refresh``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.trimming import trimmed

VENDOR = Path(__file__).resolve().parent.parent / "twinev" / "static" / "vendor"
MANIFEST = VENDOR / "manifest.json"
# Degrees west, south, east, north of the offline base map: Iceland to the Urals, Canaries to the North Cape.
EUROPE = (-32.0, 26.0, 62.0, 73.0)
# Source maps are not shipped, and the hashing static storage refuses references to files that are not there.
SOURCE_MAP = re.compile(r"(?m)^\s*(//[#@] sourceMappingURL=.*|/\*[#@] sourceMappingURL=.*?\*/)\s*$")

Point = tuple[float, float]
Ring = list[Point]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code is 0 when all files agree with the manifest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["verify", "refresh"])
    action = parser.parse_args(arguments).action
    manifest = json.loads(MANIFEST.read_text())
    if action == "refresh":
        refresh(manifest)
    faults = list(find_faults(manifest))
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(faults)} faults in {VENDOR.name}")
    return 1 if faults else 0


def find_faults(manifest: dict[str, Any], folder: Path = VENDOR) -> Iterator[str]:
    """One sentence for each file that is missing, changed or not listed."""
    listed = {MANIFEST.name}
    for package in manifest["packages"]:
        for entry in package["files"]:
            listed.add(entry["path"])
            path = folder / entry["path"]
            if not path.is_file():
                yield f"{entry['path']} is missing"
            elif digest(path.read_bytes()) != entry["sha256"]:
                yield f"{entry['path']} differs from the manifest"
    for path in sorted(folder.rglob("*")):
        if path.is_file() and str(path.relative_to(folder)) not in listed:
            yield f"{path.relative_to(folder)} is not in the manifest"


def refresh(manifest: dict[str, Any]) -> None:
    """Fetch each package, write its files, and note their hashes in the manifest."""
    with tempfile.TemporaryDirectory() as temporary:
        for package in manifest["packages"]:
            unpacked = fetch(package["name"], package["version"], Path(temporary))
            for entry in package["files"]:
                content = convert(unpacked / entry["source"], entry)
                path = VENDOR / entry["path"]
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                entry["sha256"] = digest(content)
            print(f"{package['name']} {package['version']}: {len(package['files'])} files")
    MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n")


def fetch(name: str, version: str, folder: Path) -> Path:
    """The folder of the unpacked npm package ``name@version``."""
    target = folder / name.replace("/", "-")
    target.mkdir()
    command = ["npm", "pack", f"{name}@{version}", "--silent", "--pack-destination", str(target)]
    subprocess.run(command, check=True, cwd=target, stdout=subprocess.DEVNULL)
    with tarfile.open(next(target.glob("*.tgz"))) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def convert(source: Path, entry: dict[str, Any]) -> bytes:
    """The bytes to store: outlines cut to Europe, text without source map references, all else as it is.

    Of a stylesheet whose entry names ``classes``, only the rules stay that these can match.
    """
    if entry.get("convert") == "europe":
        return json.dumps(europe_outlines(json.loads(source.read_text())), separators=(",", ":")).encode()
    if source.suffix in {".js", ".css"}:
        text = SOURCE_MAP.sub("", source.read_text(encoding="utf-8")).rstrip() + "\n"
        return (trimmed(text, entry["classes"]) if "classes" in entry else text).encode()
    return source.read_bytes()


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def europe_outlines(topology: dict[str, Any]) -> dict[str, Any]:
    """GeoJSON of the countries in Europe's window, from a quantised TopoJSON topology (degrees, WGS 84)."""
    arcs = decode_arcs(topology)
    features = []
    for country in topology["objects"]["countries"]["geometries"]:
        polygons = [country["arcs"]] if country["type"] == "Polygon" else country.get("arcs", [])
        kept = [rings for polygon in polygons if (rings := cut_polygon(polygon, arcs))]
        if kept:
            features.append(
                {
                    "type": "Feature",
                    "properties": {"name": country["properties"]["name"]},
                    "geometry": {"type": "MultiPolygon", "coordinates": kept},
                }
            )
    return {"type": "FeatureCollection", "features": features}


def decode_arcs(topology: dict[str, Any]) -> list[Ring]:
    """The arcs as lists of (longitude, latitude); TopoJSON stores differences of integers."""
    (scale_x, scale_y), (shift_x, shift_y) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for deltas in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in deltas:
            x, y = x + dx, y + dy
            points.append((x * scale_x + shift_x, y * scale_y + shift_y))
        arcs.append(points)
    return arcs


def cut_polygon(polygon: list[list[int]], arcs: list[Ring]) -> list[list[list[float]]]:
    """The polygon's rings inside Europe's window, rounded to some hundred metres; empty when it lies outside."""
    rings = []
    for position, indices in enumerate(polygon):
        ring = cut_ring(join_arcs(indices, arcs))
        if len(ring) < 3:
            if position == 0:
                return []
            continue
        rounded = [[round(x, 3), round(y, 3)] for x, y in ring]
        rings.append([*rounded, rounded[0]])
    return rings


def join_arcs(indices: list[int], arcs: list[Ring]) -> Ring:
    """One open ring; a negative index ``~i`` means arc ``i`` backwards."""
    ring: Ring = []
    for index in indices:
        ring.extend((arcs[index] if index >= 0 else arcs[~index][::-1])[:-1])
    return ring


def cut_ring(ring: Ring) -> Ring:
    """Sutherland-Hodgman: the ring cut at the four sides of the window."""
    west, south, east, north = EUROPE
    for axis, bound, sign in ((0, west, 1), (0, east, -1), (1, south, 1), (1, north, -1)):
        ring = cut_side(ring, axis, bound, sign)
    return ring


def cut_side(ring: Ring, axis: int, bound: float, sign: int) -> Ring:
    """The part of the ring where ``sign * (coordinate - bound)`` is not negative."""
    kept: Ring = []
    for position, here in enumerate(ring):
        before = ring[position - 1]
        inside, was_inside = sign * (here[axis] - bound) >= 0, sign * (before[axis] - bound) >= 0
        if inside != was_inside:
            share = (bound - before[axis]) / (here[axis] - before[axis])
            other = before[1 - axis] + share * (here[1 - axis] - before[1 - axis])
            kept.append((bound, other) if axis == 0 else (other, bound))
        if inside:
            kept.append(here)
    return kept


if __name__ == "__main__":
    raise SystemExit(main())
