"""How fast OCPP is with everything stored, against the `ocpp` library's bare example, which stores nothing.

`make bench-ocpp` prints one line of JSON a measurement; `ratio` is ours / baseline, and each line says what it should
be at most. docs/performance.md tells what is measured. `--quick` takes half a minute: sessions of sixty chargers.
"""

# ruff: noqa: E402 (the path must be right before the first import)
import argparse
import signal
import sys
from collections.abc import Callable
from pathlib import Path

# This file is called like the library that it measures.
sys.path[0] = str(Path(__file__).resolve().parents[2])

from tests.load.ocpp_bench.stage import Stage, stage

# Above what the baseline gets through with ease: its processor is busy for two thirds of the time.
RATE_PER_S = 400.0
QUICK = 60
# The last takes ten minutes and 5 GB.
SIZES = [100_000, 1_000_000, 10_000_000]
VERSIONS = ("1.6", "2.0.1")


def sessions_of(version: str) -> Callable[[Stage, argparse.Namespace], None]:
    def run(at: Stage, wanted: argparse.Namespace) -> None:
        from tests.load.ocpp_bench import sessions

        for count in wanted.chargers or ([QUICK] if wanted.quick else [300, 1_000]):
            sessions.measure(at, version=version, count=count, rate=wanted.rate)

    return run


def burst(at: Stage, wanted: argparse.Namespace) -> None:
    from tests.load.ocpp_bench import bursts

    for version in VERSIONS:
        bursts.burst(at, version=version, count=wanted.at_once)


def backlog(at: Stage, wanted: argparse.Namespace) -> None:
    from tests.load.ocpp_bench import bursts

    for version in VERSIONS:
        bursts.backlog(at, version=version, count=wanted.at_once)


def storm(at: Stage, wanted: argparse.Namespace) -> None:
    from tests.load.ocpp_bench import storms

    storms.storm(at, version="1.6", count=wanted.residents, period_s=wanted.period)


def growth(at: Stage, wanted: argparse.Namespace) -> None:
    from tests.load.ocpp_bench import growth as row

    row.growth(at, version="1.6", sizes=wanted.sizes)


ROWS = {
    "ocpp-session-1.6": sessions_of("1.6"),
    "ocpp-session-2.0.1": sessions_of("2.0.1"),
    "ocpp-burst": burst,
    "ocpp-backlog": backlog,
    "ocpp-storm": storm,
    "ocpp-growth": growth,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", nargs="+", choices=list(ROWS), default=None)
    parser.add_argument("--quick", action="store_true", help=f"sessions of {QUICK} chargers only, if no rows are named")
    parser.add_argument("--chargers", nargs="+", type=int, help="of the session rows, instead of 300 and 1000")
    parser.add_argument("--rate", type=float, default=RATE_PER_S, help="messages a second")
    parser.add_argument("--at-once", type=int, default=500, help="chargers of ocpp-burst and ocpp-backlog")
    parser.add_argument("--residents", type=int, default=2_000, help="chargers of ocpp-storm")
    parser.add_argument("--period", type=float, default=20.0, help="seconds between messages of one of them")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, help="stored meter values of ocpp-growth")
    wanted = parser.parse_args()
    # Servers that are started here end also when this is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    rows = wanted.rows or [name for name in ROWS if not wanted.quick or name.startswith("ocpp-session")]
    with stage() as at:
        for name in rows:
            ROWS[name](at, wanted)


if __name__ == "__main__":
    main()
