"""Tells each charger, by its own settings, whom to let charge while it cannot ask."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from chargepoints.domain import offline
from chargepoints.domain.command import CommandStatus
from chargepoints.domain.errors import Refused
from chargepoints.domain.intents import Variable
from chargepoints.models import ChargePoint, Command, DeviceVariable
from chargepoints.services import configuration

REASON = "offline behaviour"
_VERSIONS = ("1.6", "2.0.1")
# A charger that did not answer, or could not, is told again later.
_PATIENCE = timedelta(hours=1)
AT_ONCE = 200


def ask_settings(*, charge_point: ChargePoint, now: datetime) -> None:
    """After a boot: how the charger is set. 1.6 tells all its keys in one message."""
    if charge_point.ocpp_version == "1.6":
        configuration.ask_all(charge_point=charge_point, now=now, reason=REASON)
    elif charge_point.ocpp_version in _VERSIONS:
        configuration.ask(charge_point=charge_point, variables=offline.to_ask(), now=now, reason=REASON)


def choose(*, charge_point: ChargePoint, behaviour: str) -> None:
    """Staff say whom the charger lets charge while it cannot ask; the next sweep tells it."""
    charge_point.offline_behaviour = ChargePoint.OfflineBehaviour(behaviour)
    charge_point.save(update_fields=["offline_behaviour"])


def state(charge_point: ChargePoint) -> list[tuple[str, str, str | None]]:
    """The settings that make up the behaviour: name, what it should be, what the charger told last (None: nothing)."""
    told = _told([charge_point]).get(charge_point.pk, {})
    return [
        (f"{component}.{name}" if component else name, value, told.get((component, name)))
        for (component, name), value in _wanted(charge_point).items()
    ]


def sweep(*, now: datetime) -> int:
    """Change what differs from the behaviour that was chosen; how many chargers. What was never told is not touched."""
    chargers = list(_reachable(now))
    told = _told(chargers)
    return sum(_change(one, told[one.pk], now) for one in chargers)


def _reachable(now: datetime) -> QuerySet[ChargePoint]:
    mine = Command.objects.filter(charge_point=OuterRef("pk"), reason=REASON)
    under_way = Q(status__in=[CommandStatus.QUEUED, CommandStatus.SENT])
    in_vain = Q(status__in=[CommandStatus.TIMED_OUT, CommandStatus.FAILED], created_at__gt=now - _PATIENCE)
    return (
        ChargePoint.objects.exclude(connection_key="")
        .filter(
            ~Exists(mine.filter(under_way | in_vain)),
            registration=ChargePoint.Registration.ACCEPTED,
            ocpp_version__in=_VERSIONS,
        )
        .select_related("supply_point__location__operator")
    )


def _told(chargers: Iterable[ChargePoint]) -> dict[int, dict[offline.Key, str]]:
    """What chargers told of these settings, as far as they take changes of them."""
    names = {name for version in _VERSIONS for _component, name in offline.keys(version)}
    rows = DeviceVariable.objects.filter(
        charge_point__in=[one.pk for one in chargers], name__in=names, attribute="Actual", refusal="", evse_number=0
    ).exclude(mutability=DeviceVariable.Mutability.READ_ONLY)
    found: dict[int, dict[offline.Key, str]] = defaultdict(dict)
    for point_id, component, name, value in rows.values_list("charge_point_id", "component", "name", "value"):
        found[point_id][component, name] = value
    return found


def _wanted(charge_point: ChargePoint) -> dict[offline.Key, str]:
    operator = charge_point.location.operator
    return offline.wanted(
        charge_point.offline_behaviour,
        ocpp_version=charge_point.ocpp_version,
        master_pass_group=operator.master_pass_group if operator else "",
    )


def _change(charge_point: ChargePoint, told: dict[offline.Key, str], now: datetime) -> bool:
    different = [
        Variable(name, component=component, value=value)
        for (component, name), value in _wanted(charge_point).items()
        if (component, name) in told and told[component, name].lower() != value.lower()
    ]
    if not different:
        return False
    try:
        configuration.change(charge_point=charge_point, variables=different, now=now, reason=REASON)
    except Refused:
        return False  # by its own limits it cannot: staff see both on its page
    return True
