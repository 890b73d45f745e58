"""What is answered, field by field: the schema is made of it."""

from __future__ import annotations

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from gridops import points
from gridops.history import Phase
from smac.models import FlexOrder


class Load(serializers.Serializer):
    """Power, W. ``charge_points``: how many are counted; ``power_w``: what the vehicles draw now, below zero what flows
    back; ``possible_w`` and ``possible_back_w``: what the chargers could draw, and give back, at most.
    """

    charge_points = serializers.IntegerField()
    power_w = serializers.IntegerField()
    possible_w = serializers.IntegerField()
    possible_back_w = serializers.IntegerField()


class ChargePoint(serializers.Serializer):
    """``charge_point``: the identifier, as OCPP has it; powers as of a group."""

    charge_point = serializers.CharField()
    place = serializers.CharField()
    time_zone = serializers.CharField()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    connection = serializers.IntegerField()
    groups = serializers.ListField(child=serializers.IntegerField())
    state = serializers.ChoiceField(choices=list(points.STATES.values()))
    power_w = serializers.IntegerField()
    possible_w = serializers.IntegerField()
    possible_back_w = serializers.IntegerField()


class Group(Load):
    group = serializers.IntegerField()
    parent = serializers.IntegerField(allow_null=True)  # type: ignore[assignment]
    name = serializers.CharField()
    capacity_w = serializers.IntegerField(allow_null=True)


class Connection(Load):
    """``planned_w``: what is planned for this quarter hour; ``up_w`` and ``down_w``: how much more, and less, could be
    drawn. Null where no plan holds, or none may be told.
    """

    connection = serializers.IntegerField()
    name = serializers.CharField()
    place = serializers.CharField()
    capacity_w = serializers.IntegerField()
    planned_w = serializers.IntegerField(allow_null=True)
    up_w = serializers.IntegerField(allow_null=True)
    down_w = serializers.IntegerField(allow_null=True)


class Missed(serializers.Serializer):
    evse = serializers.CharField()
    charge_point = serializers.CharField()
    missed_wh = serializers.FloatField()
    target_soc_percent = serializers.FloatField()
    reached_soc_percent = serializers.FloatField()
    departure_at = serializers.DateTimeField()


class Verdict(serializers.Serializer):
    """``certain`` is false where the solver ran out of time: then it is an estimate. ``sentence``: the verdict in the
    language of Accept-Language; ``least_limit_w``: the least ``max_power_w`` that costs nobody anything, where one was
    found; ``relaxation_wh``: by how much energy the limit would have to be exceeded; ``missed``: who would miss what,
    at charge points of the owner's branch.
    """

    feasible = serializers.BooleanField()
    certain = serializers.BooleanField()
    sentence = serializers.CharField()
    least_limit_w = serializers.IntegerField(allow_null=True)
    relaxation_wh = serializers.FloatField()
    sessions_hit = serializers.IntegerField()
    missed = Missed(many=True)


class Order(serializers.Serializer):
    """``other_charge_points``: how many more it names outside of the owner's branch; ``misses``: a digest of who misses
    what, for an acceptance.
    """

    order = serializers.IntegerField()
    ordered_by = serializers.CharField()
    ordered_at = serializers.DateTimeField()
    charge_points = serializers.ListField(child=serializers.CharField())
    other_charge_points = serializers.IntegerField()
    scope = serializers.ChoiceField(choices=FlexOrder.Scope.values)
    max_power_w = serializers.IntegerField()
    v2g = serializers.BooleanField()
    max_export_w = serializers.IntegerField()
    floor_w = serializers.IntegerField()
    mandatory = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    replaces = serializers.IntegerField(allow_null=True)
    replaced_by = serializers.IntegerField(allow_null=True)
    status = serializers.ChoiceField(choices=FlexOrder.Status.values)
    phase = serializers.ChoiceField(choices=Phase.values)
    verdict = Verdict(allow_null=True)
    misses = serializers.CharField(allow_null=True)
    misses_accepted_by = serializers.CharField(allow_null=True)


class FieldProblem(serializers.Serializer):
    field = serializers.CharField(allow_blank=True)
    detail = serializers.CharField()


class Problem(serializers.Serializer):
    """RFC 9457; ``code`` is the kind in one word that does not change with the language."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField()
    detail = serializers.CharField()
    errors = FieldProblem(many=True, required=False)  # type: ignore[assignment]


def page_of(row: type[serializers.Serializer]) -> serializers.Serializer:
    """A page of such rows."""
    fields = {"results": row(many=True), "next": serializers.URLField(allow_null=True)}
    return inline_serializer(f"{row.__name__}Page", fields)
