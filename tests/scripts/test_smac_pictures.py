import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
ANSWERS = {
    "a": "12 × 10 kW · 12 × 5 kW; z = 0.2<",
    "b": "12 × 12.857 kW · 4 × 6.429 kW · 8 × 0 kW; z = 0.257<",
    "c": "15 × 0 kW · 5 × 33 kW · 1 × 15 kW · 3 × 0 kW; 4.50 EUR<",
}


@pytest.fixture(scope="module")
def pictures() -> ModuleType:
    spec = importlib.util.spec_from_file_location("smac_pictures", ROOT / "scripts" / "smac_pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("letter", ANSWERS)
def test_a_picture_tells_the_known_answer_and_is_the_one_in_the_docs(pictures: ModuleType, letter: str) -> None:
    situation = next(it for it in pictures.SITUATIONS if it.letter == letter)
    drawn = pictures.picture(situation)
    assert ANSWERS[letter] in drawn
    assert drawn == (ROOT / "docs" / "smac" / f"situation-{letter}.svg").read_text(encoding="utf-8")
