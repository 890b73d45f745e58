import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Runs the whole system with a living district: web, worker, beat and virtual chargers in one process."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Set TWINEV_DEMO=1: the demo has known passwords and must never meet real chargers.")
        from twinev import embedded, web
        from twinev.demo import stage

        folder = Path(settings.DATA_DIR)
        folder.mkdir(parents=True, exist_ok=True)
        self._say("Preparing the database")
        call_command("migrate", verbosity=0, interactive=False)
        stage.prepare(folder, self._say)
        port = options["port"]
        play = stage.Play(folder=folder, port=port)
        self._say("Starting web server, worker, beat and chargers")
        try:
            embedded.run(port=port, background=[play.run], on_ready=lambda: self._welcome(port))
        except web.CannotListen as refusal:
            raise CommandError(str(refusal)) from None

    def _say(self, text: str) -> None:
        self.stdout.write(f"  · {text}")
        self.stdout.flush()

    def _welcome(self, port: int) -> None:
        from twinev.demo.people import DEMO_PASSWORD

        root = f"http://localhost:{port}"
        self.stdout.write(
            f"""
TwinEV is running. Password of every login: {DEMO_PASSWORD}

  For drivers         {root}/             demo          (Steinheim, with the shared V2G car)
                                                       demo.athens   (Athens)
  For grid operators  {root}/grid/        dso1          (everything)
                                                       dso.athens    (Greece)
                                                       gridadmin     (administrator)
  Dashboard           {root}/dashboard/   cpo.hagedorn  (Hagedorn Energie)
                                                       cpo.attica    (Attica Charge)

  Prices, load and sun are recorded curves of other days, mapped onto today (docs/data.md).
  Ctrl-C ends everything; `make demo` goes on where it was, `make demo-reset` starts afresh.
"""
        )
        self.stdout.flush()
