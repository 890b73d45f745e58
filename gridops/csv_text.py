"""CSV as spreadsheets open it: a text in a cell is never taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

# What spreadsheets take for the beginning of a formula, or drop before looking for one (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
Cell = str | int | float | bool | None


def harmless(value: Cell) -> Cell:
    """A text that begins like a formula gets an apostrophe before it; line breaks become spaces. Numbers stay."""
    if not isinstance(value, str):
        return int(value) if isinstance(value, bool) else value
    line = " ".join(value.splitlines()) if value else value
    return f"'{line}" if value.startswith(_FORMULA) else line


def lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Each row as a line that ends with CR LF (RFC 4180)."""
    buffer = StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([harmless(value) for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
