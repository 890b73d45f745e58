"""`manage.py simulate`: virtual charge points that connect to a server as real ones do."""

from argparse import Namespace
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chargepoints.virtual import running
from chargepoints.virtual.command_line import add_arguments


class Command(BaseCommand):
    help = "Run virtual charge points against an OCPP server: one or thousands, orderly or in chaos."
    # The chargers are clients: they need neither the database nor its migrations.
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            running.main(Namespace(**options), self.stdout.write)
        except (ValueError, OSError) as error:
            raise CommandError(str(error)) from error
