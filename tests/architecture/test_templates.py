"""The content security policy is strict: what a template must not hold, the browser would refuse in silence."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command
from django.test import override_settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted(
    path
    for app in ("twinev", "drivers", "gridops", "dashboard", "chargepoints", "smac")
    for path in (ROOT / app).rglob("templates/**/*.html")
    if "email" not in path.parts
)
REFUSED = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*="),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*="),
    "a style element": re.compile(r"<style\b"),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)"),
    "an htmx expression that needs eval": re.compile(r"hx-on\b|hx-vals='?\"?js:|hx-trigger=\"[^\"]*\["),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_that_the_policy_refuses(path: Path) -> None:
    text = path.read_text()
    assert [what for what, pattern in REFUSED.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_icon_that_a_template_names_is_in_the_sprite(path: Path) -> None:
    sprite = (ROOT / "twinev" / "static" / "twinev" / "icons.svg").read_text()
    known = set(re.findall(r'<symbol id="([a-z-]+)"', sprite))
    named = re.findall(r'{% icon "([^"]+)"', path.read_text()) + re.findall(r'icon_name="([^"]+)"', path.read_text())
    assert set(named) - known == set()


def test_every_class_of_a_template_is_known_to_a_style_sheet_or_a_script() -> None:
    """Of Bootstrap only the rules are shipped whose classes the manifest of the vendored files names."""
    statics = [
        path for app in ("twinev", "drivers", "gridops", "dashboard") for path in (ROOT / app).rglob("static/**/*")
    ]
    styled = set(
        re.findall(r"\.(-?[a-zA-Z_][\w-]*)", "".join(one.read_text() for one in statics if one.suffix == ".css"))
    )
    blocks = styled | {name.partition("--")[0] for name in styled}
    scripts = "".join(one.read_text() for one in statics if one.suffix == ".js" and "vendor" not in one.parts)
    unknown = {
        f"{path.name}: {name}"
        for path in TEMPLATES
        for value in re.findall(r'class="([^"]*)"', path.read_text())
        for name in re.sub(r"{%.*?%}|{{.*?}}", "\0", value).split()
        if "\0" not in name and name.partition("--")[0] not in blocks and name not in scripts
    }
    assert unknown == set()


def test_the_hashing_storage_finds_every_file_that_a_style_sheet_names(tmp_path: Path) -> None:
    storage = f"{ManifestStaticFilesStorage.__module__}.{ManifestStaticFilesStorage.__qualname__}"
    storages = {**settings.STORAGES, "staticfiles": {"BACKEND": storage}}
    with override_settings(STATIC_ROOT=str(tmp_path), STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "staticfiles.json").is_file()
