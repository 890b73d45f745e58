import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Runs the web server alone, until Ctrl-C; worker and beat are processes of their own then."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--host", default="127.0.0.1")

    def handle(self, *args: Any, **options: Any) -> None:
        from twinev import web

        try:
            web.run(port=options["port"], host=options["host"])
        except web.CannotListen as refusal:
            raise CommandError(str(refusal)) from None
