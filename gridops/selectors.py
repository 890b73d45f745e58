"""Reads for the console."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from chargepoints.models import ChargePoint, ChargePointGroup
from chargepoints.selectors.groups import branch_ids
from gridops.access import charge_points_of, grid_operator_of


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


def visible_groups(user: Any) -> QuerySet[ChargePointGroup]:
    """The groups assigned to the user with their branches."""
    profile = grid_operator_of(user)
    assigned = profile.groups.values_list("pk", flat=True) if profile else []
    return ChargePointGroup.objects.filter(pk__in=branch_ids(assigned))


def group_tree(user: Any) -> list[GroupNode]:
    """The same as a tree; an assigned group inside another is not told twice."""
    visible = list(visible_groups(user).annotate(count=Count("charge_points")))
    children: dict[int | None, list[Any]] = defaultdict(list)
    for group in visible:
        children[group.parent_id].append(group)
    shown = {group.pk for group in visible}
    return [_node(group, children) for group in visible if group.parent_id not in shown]


def _node(group: Any, children: dict[int | None, list[Any]]) -> GroupNode:
    below = [_node(child, children) for child in children[group.pk]]
    return GroupNode(group.pk, group.name, group.count + sum(node.count for node in below), below)


def suggestions(user: Any, text: str, most: int = 8) -> list[ChargePoint]:
    """Charge points whose identifier, place or address holds the text; those whose identifier begins so come first."""
    points = charge_points_of(user).select_related("supply_point__location").order_by("identity")
    held = (
        Q(identity__icontains=text)
        | Q(supply_point__location__name__icontains=text)
        | Q(supply_point__location__address__icontains=text)
    )
    found = list(points.filter(identity__istartswith=text)[:most])
    return found + list(points.filter(held).exclude(identity__istartswith=text)[: most - len(found)])
