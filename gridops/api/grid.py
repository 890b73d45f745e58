"""What the machine may limit: charge points, groups, grid connections, with what flows there now."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chargepoints.models import ChargePoint, ChargePointGroup, Connector, SupplyPoint
from gridops.access import charge_points_of
from gridops.api import paging, shapes
from gridops.api.guarding import MachineView
from gridops.points import STATES, state_of
from gridops.selectors import GroupNode, group_tree, visible_groups
from gridops.services import capacity
from gridops.services.capacity import Load


class ChargePoints(MachineView):
    @extend_schema(
        operation_id="charge_points", parameters=paging.PARAMETERS, responses=shapes.page_of(shapes.ChargePoint)
    )
    def get(self, request: Request) -> Response:
        """The charge points of the owner's branch, by identifier."""
        paging.refuse_unknown(request)
        points = charge_points_of(request.user)
        rows, key = paging.page(request, points.select_related("supply_point__location"), "identity")
        return Response(paging.body(request, _points(request.user, rows), key))


def _points(user: Any, rows: list[ChargePoint]) -> list[dict[str, Any]]:
    ids = [row.pk for row in rows]
    loads = capacity.of_points(ChargePoint.objects.filter(pk__in=ids))
    groups, statuses = _groups_of(user, ids), _statuses(ids)
    return [_point(row, loads[row.pk], groups[row.pk], statuses[row.pk]) for row in rows]


def _groups_of(user: Any, ids: list[int]) -> dict[int, list[int]]:
    through = ChargePointGroup.charge_points.through.objects.filter(chargepoint__in=ids)
    found: dict[int, list[int]] = defaultdict(list)
    mine = through.filter(chargepointgroup__in=visible_groups(user).values("pk")).order_by("chargepointgroup")
    for pk, group_id in mine.values_list("chargepoint_id", "chargepointgroup_id"):
        found[pk].append(group_id)
    return found


def _statuses(ids: list[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    rows = Connector.objects.filter(evse__charge_point__in=ids).order_by()
    for pk, status in rows.values_list("evse__charge_point_id", "status"):
        found[pk].add(status)
    return found


def _point(row: ChargePoint, load: Load, groups: list[int], statuses: set[str]) -> dict[str, Any]:
    place = row.supply_point.location
    return {
        "charge_point": row.identity,
        "place": place.name,
        "time_zone": place.time_zone,
        "latitude": row.latitude,
        "longitude": row.longitude,
        "connection": row.supply_point_id,
        "groups": groups,
        "state": STATES[state_of(row.is_connected, statuses)],
        "power_w": load.power_w,
        "possible_w": load.possible_w,
        "possible_back_w": load.possible_back_w,
    }


class Groups(MachineView):
    @extend_schema(operation_id="groups", responses=shapes.page_of(shapes.Group))
    def get(self, request: Request) -> Response:
        """The groups of the owner's branch with the load of each, all of what hangs below it counted in."""
        paging.refuse_unknown(request)
        nodes = [node for root in group_tree(request.user) for node in _walk(root)]
        rows = visible_groups(request.user).in_bulk([node.id for node in nodes])
        loads = capacity.of_groups(user=request.user, branches={node.id: node.branch for node in nodes})
        return Response(paging.body(request, [_group(rows[node.id], loads[node.id], rows) for node in nodes], None))


def _walk(node: GroupNode) -> list[GroupNode]:
    return [node, *(below for child in node.children for below in _walk(child))]


def _group(row: ChargePointGroup, load: Load, shown: dict[int, ChargePointGroup]) -> dict[str, Any]:
    return {
        "group": row.pk,
        "parent": row.parent_id if row.parent_id in shown else None,
        "name": row.name,
        "capacity_w": row.capacity_w,
        **_load(load),
    }


class Connections(MachineView):
    @extend_schema(
        operation_id="connections", parameters=paging.PARAMETERS, responses=shapes.page_of(shapes.Connection)
    )
    def get(self, request: Request) -> Response:
        """Grid connections with the load of the owner's charge points there, the plan and how far it can move.

        A connection that foreign charge points share tells no plan (null).
        """
        paging.refuse_unknown(request)
        mine = charge_points_of(request.user).order_by().values("supply_point")
        rows, key = paging.page(request, SupplyPoint.objects.filter(pk__in=mine).select_related("location"), "pk")
        loads = capacity.of_connections(
            user=request.user, supply_point_ids=[row.pk for row in rows], now=timezone.now()
        )
        return Response(paging.body(request, [_connection(row, loads[row.pk]) for row in rows], key))


def _connection(row: SupplyPoint, load: Load) -> dict[str, Any]:
    return {
        "connection": row.pk,
        "name": row.name,
        "place": row.location.name,
        "capacity_w": row.contracted_capacity_w,
        **_load(load),
        "planned_w": load.planned_w,
        "up_w": load.up_w,
        "down_w": load.down_w,
    }


def _load(load: Load) -> dict[str, int]:
    return {
        "charge_points": load.charge_points,
        "power_w": load.power_w,
        "possible_w": load.possible_w,
        "possible_back_w": load.possible_back_w,
    }
