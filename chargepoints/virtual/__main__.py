"""Run virtual charge points from a shell without the server's settings; the same as `manage.py simulate`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from . import running
from .command_line import add_arguments


def parser() -> argparse.ArgumentParser:
    """What can be told on the command line."""
    options = argparse.ArgumentParser(prog="python -m chargepoints.virtual", description=__doc__)
    add_arguments(options)
    return options


def main(words: Sequence[str] | None = None) -> None:
    """Entry point."""
    try:
        running.main(parser().parse_args(words), sys.stdout.write)
    except (ValueError, OSError) as error:
        parser().error(str(error))


if __name__ == "__main__":
    main()
