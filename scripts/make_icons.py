"""Draws the app's icons (PNG) from twinev/static/twinev/icon.svg. Needs Chromium and the development requirements."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.servers import CHROMIUM_ARGUMENTS, chromium  # noqa: E402

STATIC = ROOT / "twinev" / "static" / "twinev"
# name: (size in pixels, share of the mark; systems cut a circle of 80 % out of a maskable icon, on a full ground)
ICONS = {
    "icon-192": (192, 1.0),
    "icon-512": (512, 1.0),
    "maskable-192": (192, 0.72),
    "maskable-512": (512, 0.72),
    "apple-180": (180, 0.86),
}
BADGE_SIZE = 96
GROUND = 'rx="9"'


def main() -> None:
    svg = (STATIC / "icon.svg").read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_ARGUMENTS)
        for name, (size, share) in ICONS.items():
            _draw(browser, svg if share == 1 else _on_full_ground(svg, share), size, name)
        _draw(browser, _flat(svg), BADGE_SIZE, "badge-96")
        browser.close()


def _on_full_ground(svg: str, share: float) -> str:
    head, ground, mark = svg.partition("/>")
    offset = 16 * (1 - share)
    moved = f'<g transform="translate({offset} {offset}) scale({share})">' + mark.replace("</svg>", "</g></svg>")
    return head.replace(GROUND, "") + ground + moved


def _flat(svg: str) -> str:
    """The mark alone in one colour, as status bars show it."""
    mark = svg.partition("/>")[2].replace("#c5f04a", "#fff").replace("#f4f7f2", "#fff")
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="4 4 24 24">{mark}'


def _draw(browser: object, svg: str, size: int, name: str) -> None:
    page = browser.new_page(viewport={"width": size, "height": size})  # type: ignore[attr-defined]
    page.set_content(f"<style>body{{margin:0}}svg{{display:block;width:{size}px;height:{size}px}}</style>{svg}")
    page.screenshot(path=STATIC / "app" / f"{name}.png", omit_background=True)
    page.close()


if __name__ == "__main__":
    main()
