"""Whether a ledger that was handed on is as this server wrote it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from gridops.services.ledger import sealing


class Command(BaseCommand):
    help = "Check the digest and the seal of a ledger (JSON or CSV) that was exported from the grid operators' console."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = sealing.check(options["file"].read_bytes())
        except OSError as error:
            raise CommandError(f"{options['file']} cannot be read: {error.strerror}") from error
        except sealing.NotALedger as error:
            raise CommandError(f"This is no exported ledger: {error}.") from error
        if not found.is_whole:
            raise CommandError("Changed: the digest is not that of what the file says.")
        if not found.is_ours:
            raise CommandError("The digest is right, the seal is not: this server did not write the file.")
        self.stdout.write("As it was written by this server.")
