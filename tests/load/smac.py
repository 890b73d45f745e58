"""How fast the optimiser is, against a plain highspy build of the same linear program in the same run.

`make bench-smac` prints one line of JSON a measurement: `bench`, `n`, `what`, `ours`, `baseline`, `ratio` (ours /
baseline), `unit`, and, where there is a limit, `at_most` and `ok`. Times are medians of processor time on one thread.
`python tests/load/smac.py growth --picture docs/smac/growth.svg` draws how time grows with the number of sessions.
"""

# ruff: noqa: E402 (the path must be right before the first import)
import argparse
import sys
from pathlib import Path

# This file is called like the package that it measures.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.load.smac_bench.growth import growth_rows
from tests.load.smac_bench.rows import cold_rows, live_rows, preview_rows, sites_rows

ROWS = {
    "cold": cold_rows,
    "live": live_rows,
    "sites": sites_rows,
    "preview": preview_rows,
    "growth": growth_rows,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", nargs="*", help=f"which of {', '.join(ROWS)}; all without any")
    parser.add_argument("--picture", type=Path, help="where to draw the growth (SVG)")
    wanted = parser.parse_args()
    for name in wanted.rows or ROWS:
        if name == "growth":
            growth_rows(wanted.picture)
        else:
            ROWS[name]()


if __name__ == "__main__":
    main()
