"""Every text for people exists in every language, and what is compiled is what was translated."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.servers import ROOT, program

LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
FLOORS = ["twinev", "chargepoints", "smac", "drivers", "gridops", "dashboard"]


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house whose texts were collected anew; returns its locale folder."""
    folder = tmp_path_factory.mktemp("house")
    for name in FLOORS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("vendor", "*.mo"))
    shutil.copy(ROOT / "manage.py", folder)
    (folder / "twinev" / "locale").mkdir(exist_ok=True)
    languages = [argument for code in LANGUAGES for argument in ("--locale", code)]
    program("msgmerge")
    subprocess.run(
        [sys.executable, "manage.py", "makemessages", "--no-location", "--no-obsolete", *languages],
        cwd=folder, check=True, env=os.environ | {"DJANGO_SETTINGS_MODULE": "twinev.settings"},
    )  # fmt: skip
    return folder / "twinev" / "locale"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_lacks_its_translation(collected: Path, language: str) -> None:
    path = collected / language / "LC_MESSAGES" / "django.po"
    command = [program("msgfmt"), "--check", "--statistics", "--output-file=/dev/null", str(path)]
    answer = subprocess.run(command, capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
    assert answer.returncode == 0, answer.stderr
    assert not re.search(r"fuzzy|untranslated", answer.stderr), answer.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_file_is_that_of_the_translation(language: str, tmp_path: Path) -> None:
    folder = ROOT / "twinev" / "locale" / language / "LC_MESSAGES"
    fresh = tmp_path / "django.mo"
    command = [program("msgfmt"), "--check-format", f"--output-file={fresh}", str(folder / "django.po")]
    subprocess.run(command, check=True)
    assert texts(fresh) == texts(folder / "django.mo")


def texts(path: Path) -> dict[str, str]:
    import gettext

    with path.open("rb") as file:
        catalog = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {key: text for key, text in catalog.items() if key}
