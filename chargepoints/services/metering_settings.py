"""Tells chargers how often to measure and what, where they differ from what is wished for all."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from chargepoints.domain import metering_settings as domain
from chargepoints.domain.command import CommandStatus
from chargepoints.domain.errors import Refused
from chargepoints.domain.intents import Variable
from chargepoints.models import ChargePoint, Command, DeviceVariable
from chargepoints.services import configuration

REASON = "metering"
# A charger that did not take it is tried again now and then: its settings may be changed by others.
_PATIENCE = timedelta(hours=6)
_REFUSED = "Rejected"
_NAMES = {name for keys in domain.KEYS.values() for _component, name in keys.values()}


def sweep(*, now: datetime) -> int:
    """Change what differs from the wish; how many chargers. What a charger never told is not touched."""
    chargers = list(_reachable(now))
    told = _told(chargers)
    return sum(_change(one, told[one.pk], now) for one in chargers)


def wish() -> domain.Wish:
    """What the settings of this installation want of every charger."""
    return domain.Wish(
        sampled_s=settings.OCPP_SAMPLE_EVERY_S,
        aligned_s=settings.OCPP_ALIGNED_EVERY_S,
        measurands=tuple(settings.OCPP_MEASURANDS),
    )


def _reachable(now: datetime) -> QuerySet[ChargePoint]:
    mine = Command.objects.filter(charge_point=OuterRef("pk"), reason=REASON)
    under_way = Q(status__in=[CommandStatus.QUEUED, CommandStatus.SENT])
    in_vain = Q(status__in=[CommandStatus.TIMED_OUT, CommandStatus.FAILED], created_at__gt=now - _PATIENCE)
    return ChargePoint.objects.exclude(connection_key="").filter(
        ~Exists(mine.filter(under_way | in_vain)),
        registration=ChargePoint.Registration.ACCEPTED,
        ocpp_version__in=list(domain.KEYS),
    )


def _told(chargers: Iterable[ChargePoint]) -> Mapping[int, Mapping[domain.Key, DeviceVariable]]:
    rows = DeviceVariable.objects.filter(
        charge_point__in=chargers, name__in=_NAMES, instance="", attribute="Actual", refusal__in=["", _REFUSED]
    ).exclude(mutability=DeviceVariable.Mutability.READ_ONLY)
    found: dict[int, dict[domain.Key, DeviceVariable]] = defaultdict(dict)
    for row in rows:
        found[row.charge_point_id][row.component, row.name] = row
    return found


def _change(charge_point: ChargePoint, told: Mapping[domain.Key, DeviceVariable], now: datetime) -> bool:
    different = [
        Variable(row.name, component=row.component, value=value)
        for setting, key in domain.KEYS[charge_point.ocpp_version].items()
        if (row := told.get(key)) and (value := _wanted(setting, row)) is not None
    ]
    if not different:
        return False
    try:
        configuration.change(charge_point=charge_point, variables=different, now=now, reason=REASON)
    except Refused:
        return False  # by its own limits it cannot
    return True


def _wanted(setting: domain.Setting, row: DeviceVariable) -> str | None:
    refused = bool(row.refusal)
    value = domain.change(setting, row.value, wish(), values_list=row.values_list, was_refused=refused)
    # An interval that was refused once will be refused again.
    return None if refused and setting in domain.INTERVALS else value
