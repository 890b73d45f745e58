"""Which tokens may charge where, for the lists that chargers keep."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from chargepoints.domain import local_list
from chargepoints.domain.authorization import APP_TOKEN_TYPE, AuthorizationStatus
from chargepoints.domain.intents import ListEntry
from chargepoints.models import ChargePoint, IdToken

_VERDICTS = {
    IdToken.Status.ACTIVE.value: AuthorizationStatus.ACCEPTED.value,
    IdToken.Status.BLOCKED.value: AuthorizationStatus.BLOCKED.value,
}


@dataclass(frozen=True)
class Audience:
    """Chargers with the same audience know the same tokens: a home's owner's, or an operator's and everybody's."""

    owner_id: int | None
    operator_id: int | None
    ocpp_version: str
    master_pass_group: str = ""


def audience_of(charge_point: ChargePoint) -> Audience:
    """``charge_point`` with its location and operator."""
    place = charge_point.supply_point.location
    group = place.operator.master_pass_group if place.operator else ""
    return Audience(place.owner_id, place.operator_id, charge_point.ocpp_version, group)


def listed(audiences: Iterable[Audience], *, now: datetime) -> dict[Audience, list[ListEntry]]:
    """The entries of each audience's list, in one query. Tokens of apps are nobody's to present, so they stay out."""
    wanted = set(audiences)
    by_driver: dict[int, list[ListEntry]] = defaultdict(list)
    by_operator: dict[int | None, list[ListEntry]] = defaultdict(list)
    for driver_id, operator_id, entry in _tokens(wanted, now):
        by_operator[operator_id].append(entry)
        if driver_id is not None:
            by_driver[driver_id].append(entry)
    found: dict[Audience, list[ListEntry]] = {}
    for one in wanted:
        own = [entry for entry in by_operator[one.operator_id] if not _only_stops(entry, one)]
        theirs = by_driver[one.owner_id] if one.owner_id else by_operator[None] + own
        found[one] = local_list.speakable(theirs, ocpp_version=one.ocpp_version)
    return found


def _tokens(audiences: set[Audience], now: datetime) -> Iterator[tuple[int | None, int | None, ListEntry]]:
    """Driver, operator and entry. A blocked token is listed too: a charger's own cache would still let it charge."""
    theirs = Q(driver_id__in={one.owner_id for one in audiences if one.owner_id})
    operators = {one.operator_id for one in audiences if one.operator_id}
    if operators:
        theirs |= Q(operator_id__in=operators) | Q(operator_id=None)
    alive = Q(expires_at=None) | Q(expires_at__gt=now)
    rows = (
        IdToken.objects.filter(theirs, alive)
        .exclude(type=APP_TOKEN_TYPE)
        .order_by("status", "key")
        .values_list("driver_id", "operator_id", "token", "type", "status", "expires_at", "parent")
    )
    for driver_id, operator_id, token, kind, status, expires_at, parent in rows:
        yield driver_id, operator_id, ListEntry(token, kind, _VERDICTS[status], expires_at, parent)


def _only_stops(entry: ListEntry, audience: Audience) -> bool:
    """1.6 knows no master pass: offline, its charger would let one start."""
    return audience.ocpp_version == "1.6" and bool(entry.parent) and entry.parent == audience.master_pass_group


def last_use(charge_point: ChargePoint) -> dict[str, float]:
    """When each token last charged at this supply point, by normal token."""
    rows = (
        IdToken.objects.filter(transactions__charge_point__supply_point=charge_point.supply_point_id)
        .values_list("key")
        .annotate(at=Max("transactions__started_at"))
    )
    return {key: at.timestamp() for key, at in rows}
