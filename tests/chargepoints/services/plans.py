"""A session with a plan, and chargers that answer, for the tests of smart charging."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from chargepoints.domain import intents, reports
from chargepoints.models import ChargePoint, ChargingProfile, Command, DeviceVariable, Evse, Transaction
from chargepoints.services import commands, smart_charging
from tests import factories
from tests.factories import NOW

HOUR = timedelta(hours=1)
QUARTER_S = 900
STEPS = ((0, 7_000.0), (QUARTER_S, 0.0), (2 * QUARTER_S, 9_000.0))


def session(**values: Any) -> Transaction:
    """A session that runs at a charger of its own."""
    return factories.transaction(factories.evse(**values))


def plan(
    row: Transaction,
    steps: Sequence[tuple[int, float]] = STEPS,
    *,
    starts_at: datetime = NOW,
    now: datetime = NOW,
    valid_to: datetime | None = NOW + 2 * HOUR,
) -> Command:
    return smart_charging.set_session_profile(
        transaction_row=row,
        starts_at=starts_at,
        periods=[intents.Period(start_s, limit_w) for start_s, limit_w in steps],
        valid_to=valid_to,
        reason="cheap hours",
        now=now,
    )


def default(charge_point: ChargePoint, now: datetime = NOW) -> Command:
    return smart_charging.send_default_limit(charge_point=charge_point, now=now)


def answer(command: Command, *, accepted: bool = True, now: datetime = NOW, **said: Any) -> Command:
    """The charger took (or refused) a command: it is claimed and settled as its link would do."""
    Command.objects.filter(pk=command.pk).update(status="sent", sent_at=now)
    status = {"status": "Accepted" if accepted else "Rejected"}
    commands.answered(command_id=command.pk, accepted=accepted, answer={**status, **said}, now=now)
    command.refresh_from_db()
    return command


def answer_all(charge_point: ChargePoint, *, now: datetime = NOW) -> None:
    """The charger takes all that waits for it, and what follows of that."""
    while (
        waiting := Command.objects.filter(charge_point=charge_point, status="queued").order_by("pk").first()
    ) is not None:
        answer(waiting, now=now)


def waiting(charge_point: ChargePoint, kind: str = "set_charging_profile") -> list[Command]:
    return list(Command.objects.filter(charge_point=charge_point, status="queued", kind=kind).order_by("pk"))


def told(command: Command) -> list[tuple[int, float]]:
    return [(period.start_s, period.limit_w) for period in command.intent.periods]


def row_of(command: Command) -> ChargingProfile:
    return ChargingProfile.objects.get(command=command)


def can(charge_point: ChargePoint, **variables: str) -> None:
    """The charger told these of its settings."""
    for name, value in variables.items():
        DeviceVariable.objects.create(charge_point=charge_point, name=name, value=value, reported_at=NOW)


def read(evse: Evse, periods: Sequence[tuple[int, float]], *, now: datetime = NOW, duration_s: int = 3_600) -> None:
    """The charger says that it follows these limits from now on."""
    report = reports.ScheduleReadBack(evse.number, now, duration_s, tuple(periods))
    smart_charging.store_read_back(charge_point_id=evse.charge_point_id, report=report, now=now)


def speaks(charge_point: ChargePoint, dialect: str) -> None:
    charge_point.dialect, charge_point.dialect_is_fixed = dialect, True
    charge_point.save()
