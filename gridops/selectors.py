"""Reads for the console."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Sum

from chargepoints.domain.status import OCCUPIED, OUT_OF_SERVICE
from chargepoints.domain.transaction import TransactionState
from chargepoints.models import ChargePoint, ChargePointGroup, Transaction
from chargepoints.selectors.groups import branch_ids
from gridops.access import charge_points_of, grid_operator_of


@dataclass(frozen=True)
class PointFacts:
    """A charge point as the console shows it. Powers W; ``load`` is the share of its supply point's capacity."""

    id: int
    identity: str
    place: str
    zone: str
    latitude: float
    longitude: float
    state: str
    power_w: float
    max_power_w: int
    can_discharge: bool
    load: float
    group_ids: list[int]


@dataclass(frozen=True)
class GroupNode:
    """A group with what hangs below it, as far as the user may see."""

    id: int
    name: str
    count: int
    children: list[GroupNode]

    @property
    def branch(self) -> list[int]:
        """The group and everything below it."""
        return [self.id, *(pk for child in self.children for pk in child.branch)]


@dataclass(frozen=True)
class SupplyLoad:
    """What the visible charge points draw at a supply point. Powers W."""

    name: str
    power_w: float
    capacity_w: int

    @property
    def percent(self) -> int:
        return round(max(self.power_w, 0.0) / self.capacity_w * 100) if self.capacity_w else 0

    @property
    def level(self) -> str:
        """How hard the connection works: nothing to say, ``warning`` or ``fault``."""
        return "fault" if self.percent > 100 else "warning" if self.percent > 80 else ""


def points(user: Any) -> list[PointFacts]:
    """Every charge point that the user may see, with what it draws now."""
    rows = _with_evses(charge_points_of(user))
    power = _power_now(rows)
    load = _load(rows, power)
    return [_facts(row, power, load) for row in rows]


def _with_evses(rows: QuerySet[ChargePoint]) -> list[ChargePoint]:
    related = rows.select_related("supply_point__location").prefetch_related("evses__connectors", "groups")
    return list(related.order_by("identity"))


def _power_now(rows: Iterable[ChargePoint]) -> dict[int, float]:
    running = Transaction.objects.filter(state=TransactionState.ACTIVE, charge_point__in=list(rows))
    sums = running.values("charge_point_id").annotate(power_w=Sum("power_w"))
    return {row["charge_point_id"]: row["power_w"] for row in sums}


def _load(rows: Iterable[ChargePoint], power: dict[int, float]) -> dict[int, float]:
    drawn: dict[int, float] = defaultdict(float)
    capacity: dict[int, int] = {}
    for row in rows:
        drawn[row.supply_point_id] += power.get(row.pk, 0.0)
        capacity[row.supply_point_id] = row.supply_point.contracted_capacity_w
    return {pk: max(drawn[pk], 0.0) / watts if watts else 0.0 for pk, watts in capacity.items()}


def supply_loads(user: Any) -> list[SupplyLoad]:
    """The load of every supply point that the user sees a charge point of, the hardest working first."""
    rows = list(charge_points_of(user).select_related("supply_point"))
    power = _power_now(rows)
    drawn: dict[int, float] = defaultdict(float)
    for row in rows:
        drawn[row.supply_point_id] += power.get(row.pk, 0.0)
    supply = {row.supply_point_id: row.supply_point for row in rows}
    found = [SupplyLoad(it.name, drawn[pk], it.contracted_capacity_w) for pk, it in supply.items()]
    return sorted(found, key=lambda load: (-load.percent, load.name))


def _facts(row: ChargePoint, power: dict[int, float], load: dict[int, float]) -> PointFacts:
    evses = list(row.evses.all())
    return PointFacts(
        id=row.pk,
        identity=row.identity,
        place=row.supply_point.location.name,
        zone=row.supply_point.location.time_zone,
        latitude=row.latitude,
        longitude=row.longitude,
        state=_state(row),
        power_w=power.get(row.pk, 0.0),
        max_power_w=sum(evse.max_power_w for evse in evses),
        can_discharge=any(evse.max_discharge_w for evse in evses),
        load=load.get(row.supply_point_id, 0.0),
        group_ids=[group.pk for group in row.groups.all()],
    )


def _state(row: ChargePoint) -> str:
    """One of the states that have a colour: offline, fault, charging, reserved, free."""
    if not row.is_connected:
        return "offline"
    statuses = {connector.status for evse in row.evses.all() for connector in evse.connectors.all()}
    if statuses and statuses <= set(OUT_OF_SERVICE):
        return "fault"
    if statuses & set(OCCUPIED):
        return "charging"
    return "reserved" if "reserved" in statuses and "available" not in statuses else "free"


def group_tree(user: Any) -> list[GroupNode]:
    """The groups assigned to the user with their branches; an assigned group inside another is not told twice."""
    profile = grid_operator_of(user)
    if profile is None:
        return []
    assigned = set(profile.groups.values_list("pk", flat=True))
    visible = ChargePointGroup.objects.filter(pk__in=branch_ids(assigned)).prefetch_related("charge_points")
    children: dict[int | None, list[ChargePointGroup]] = defaultdict(list)
    for group in visible:
        children[group.parent_id].append(group)
    shown = {group.pk for group in visible}
    roots = [group for group in visible if group.parent_id not in shown]
    return [_node(group, children) for group in roots]


def _node(group: ChargePointGroup, children: dict[int | None, list[ChargePointGroup]]) -> GroupNode:
    below = [_node(child, children) for child in children[group.pk]]
    return GroupNode(group.pk, group.name, len(group.charge_points.all()) + sum(node.count for node in below), below)


def suggestions(user: Any, text: str, most: int = 8) -> list[ChargePoint]:
    """Charge points whose identifier, place or address holds the text."""
    found = charge_points_of(user).filter(
        Q(identity__icontains=text)
        | Q(supply_point__location__name__icontains=text)
        | Q(supply_point__location__address__icontains=text)
    )
    return list(found.select_related("supply_point__location").order_by("identity")[:most])
