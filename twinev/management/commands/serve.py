import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Runs web server, worker and beat in this one process, until Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--host", default="127.0.0.1")

    def handle(self, *args: Any, **options: Any) -> None:
        from twinev import embedded, web

        port, host = options["port"], options["host"]
        try:
            embedded.run(
                port=port, host=host, on_ready=lambda: self.stdout.write(f"Listening on http://{host}:{port}/")
            )
        except web.CannotListen as refusal:
            raise CommandError(str(refusal)) from None
