import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "vendor.py"


@pytest.fixture(scope="module")
def vendor() -> ModuleType:
    spec = importlib.util.spec_from_file_location("vendor", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_vendored_file_has_the_hash_of_the_manifest(vendor: ModuleType) -> None:
    assert list(vendor.find_faults(json.loads(vendor.MANIFEST.read_text()))) == []


def test_a_changed_a_missing_and_an_unlisted_file_are_named(vendor: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("changed")
    (tmp_path / "c.js").write_text("unlisted")
    files = [{"path": "a.js", "sha256": vendor.digest(b"as it was")}, {"path": "b.js", "sha256": ""}]
    faults = list(vendor.find_faults({"packages": [{"files": files}]}, tmp_path))
    assert faults == ["a.js differs from the manifest", "b.js is missing", "c.js is not in the manifest"]


def test_references_to_source_maps_are_taken_out(vendor: ModuleType, tmp_path: Path) -> None:
    source = tmp_path / "x.css"
    source.write_text("a{color:red}\n/*# sourceMappingURL=x.css.map */\n")
    assert vendor.convert(source, {}) == b"a{color:red}\n"


def test_a_country_is_cut_at_the_edge_of_the_window(vendor: ModuleType) -> None:
    east = vendor.EUROPE[2]
    ring = vendor.cut_ring([(east - 10, 40.0), (east + 10, 40.0), (east + 10, 50.0), (east - 10, 50.0)])
    assert {x for x, _ in ring} == {east - 10, east}
    assert {y for _, y in ring} == {40.0, 50.0}


def test_what_lies_outside_is_left_out(vendor: ModuleType) -> None:
    assert vendor.cut_ring([(120.0, 30.0), (130.0, 30.0), (130.0, 40.0)]) == []
