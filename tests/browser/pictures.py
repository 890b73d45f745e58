"""Pictures of the states that a test walks through: STATE_PICTURES names the folder; without it none is taken."""

import os
import re
from io import BytesIO
from itertools import count
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from tests.browser.visitors import DESKTOP, PHONE

FOLDER = os.environ.get("STATE_PICTURES", "")
_HEIGHT_PX = 480
_GAP_PX = 8
_COLOURS = 256
# Charts and maps draw once more after the window has another size.
_DRAWN_AFTER_MS = 700
_number = count(1)


def keep(page: Page, name: str) -> None:
    """A state in one picture: on a phone and a desktop, by day and by night."""
    if not FOLDER:
        return
    views = [_view(page, size, scheme) for size in (PHONE, DESKTOP) for scheme in ("light", "dark")]
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.emulate_media(color_scheme="light")
    width = sum(view.width for view in views) + _GAP_PX * (len(views) - 1)
    sheet, left = Image.new("RGB", (width, _HEIGHT_PX), "#808080"), 0
    for view in views:
        sheet.paste(view, (left, 0))
        left += view.width + _GAP_PX
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "map"
    path = Path(FOLDER) / f"{next(_number):02}-{slug}.png"
    sheet.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def _view(page: Page, size: tuple[int, int], scheme: str) -> Image.Image:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.wait_for_timeout(_DRAWN_AFTER_MS)
    seen = Image.open(BytesIO(page.screenshot())).convert("RGB")
    return seen.resize((seen.width * _HEIGHT_PX // seen.height, _HEIGHT_PX), Image.Resampling.LANCZOS)
