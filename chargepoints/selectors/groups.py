"""The tree of charge point groups: a node gives its whole branch."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet

from chargepoints.models import ChargePoint, ChargePointGroup


def branch_ids(roots: Iterable[int]) -> set[int]:
    """Primary keys of the groups ``roots`` and of everything below them."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for pk, parent_id in ChargePointGroup.objects.values_list("pk", "parent_id"):
        children[parent_id].append(pk)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        pk = waiting.pop()
        if pk not in found:
            found.add(pk)
            waiting.extend(children[pk])
    return found


def charge_points_in(roots: Iterable[int]) -> QuerySet[ChargePoint]:
    """The charge points of the groups ``roots`` and of their branches."""
    return ChargePoint.objects.filter(groups__in=branch_ids(roots)).distinct()
