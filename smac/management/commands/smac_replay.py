"""Plan a past run once more, and see that the same comes out."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chargepoints.domain.errors import Refused
from smac.models import PlanRun
from smac.optimisation.plan import Plan, plan_to_json
from smac.services import replaying


class Command(BaseCommand):
    help = "Prints the plan of a run, made again from its kept input; or saves that input as a test case."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("run", help="the number of a run, or a file saved by --save")
        parser.add_argument("--save", type=Path, metavar="FILE", help="write input and plan as a case that tests read")
        parser.add_argument("--keep", action="store_true", help="keep the input longer than those of ordinary runs")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["run"].isdecimal():
                self._run(options)
            else:
                self._file(Path(options["run"]), options["save"])
        except Refused as refusal:
            raise CommandError(str(refusal)) from None

    def _run(self, options: dict[str, Any]) -> None:
        run = PlanRun.objects.filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(f"There is no run {options['run']}.")
        if options["keep"]:
            PlanRun.objects.filter(pk=run.pk).update(is_kept=True)
        plan = replaying.replay(run)
        if options["save"]:
            self._save(run, plan, options["save"])
        self.stdout.write(plan_to_json(plan))
        if not replaying.is_same(run, plan):
            told = f"The plan of run {run.pk} ({run.get_status_display()}) was another one. {replaying.why_not(run)}"
            raise CommandError(told.strip())
        self.stderr.write(f"The same plan as that of run {run.pk}, to the byte.")

    def _save(self, run: PlanRun, plan: Plan, path: Path) -> None:
        about = f"run {run.pk} of {run.supply_point} at {run.made_at:%Y-%m-%d %H:%M:%S} UTC: {run.reason}"
        path.write_text(replaying.as_text(replaying.input_of(run).as_case(about=about, plan=plan)) + "\n")

    def _file(self, path: Path, save: Path | None) -> None:
        try:
            case = json.loads(path.read_text())
            asked = replaying.input_from_case(case)
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise CommandError(f"{path} cannot be read: {error}") from None
        plan = replaying.solve_again(asked)
        if save:
            save.write_text(replaying.as_text(asked.as_case(about=case.get("about", ""), plan=plan)) + "\n")
        self.stdout.write(plan_to_json(plan))
