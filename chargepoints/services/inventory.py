"""What a charger has and can: asked once, and again when its firmware is another one."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from chargepoints.domain import intents
from chargepoints.domain.command import CommandStatus
from chargepoints.models import ChargePoint, Command
from chargepoints.services import commands, configuration

REASON = "inventory"
# What a charger is told after its boot comes first; and a whole hall of chargers that starts is not asked at once.
_AFTER_BOOT = timedelta(seconds=30)
AT_ONCE = 20
# One that gave no answer may be busy with its boot, or deaf to the question.
_PATIENCE = timedelta(hours=1)
_IN_VAIN = (CommandStatus.EXPIRED, CommandStatus.TIMED_OUT)
_FIRMWARE = Concat("vendor", Value("|"), "model", Value("|"), "firmware_version")


def sweep(*, now: datetime) -> int:
    """Ask chargers whose firmware is new here for all their settings; how many."""
    chargers = list(_unknown(now)[:AT_ONCE])
    for charge_point in chargers:
        configuration.ask_all(charge_point=charge_point, now=now, reason=REASON)
    ChargePoint.objects.filter(pk__in=[one.pk for one in chargers]).update(inventory_of=_FIRMWARE)
    return len(chargers)


def _unknown(now: datetime) -> QuerySet[ChargePoint]:
    asked = Command.objects.filter(charge_point=OuterRef("pk"), reason=REASON, created_at__gt=now - _PATIENCE)
    return (
        ChargePoint.objects.exclude(connection_key="")
        .exclude(ocpp_version="")
        .filter(registration=ChargePoint.Registration.ACCEPTED, booted_at__lte=now - _AFTER_BOOT)
        .annotate(firmware=_FIRMWARE)
        .exclude(inventory_of=F("firmware"))
        .exclude(Exists(asked.exclude(status=CommandStatus.ACCEPTED)))
        .order_by("booted_at")
    )


@commands.on_settled(intents.GetVariables.kind)
@commands.on_settled(intents.GetReport.kind)
def _settled(command: Command) -> None:
    """A question that was lost is asked again later."""
    if command.reason == REASON and command.status in _IN_VAIN:
        ChargePoint.objects.filter(pk=command.charge_point_id).update(inventory_of="")
