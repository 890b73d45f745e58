"""What is answered, field by field: the schema is made of it."""

from __future__ import annotations

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from gridops import points
from gridops.history import Phase
from smac.models import FlexOrder


class Load(serializers.Serializer):
    charge_points = serializers.IntegerField(help_text="How many charge points are counted.")
    power_w = serializers.IntegerField(help_text="What the vehicles draw now; below zero: what flows back.")
    possible_w = serializers.IntegerField(help_text="What the chargers could draw at most.")
    possible_back_w = serializers.IntegerField(help_text="What the chargers could give back at most.")


class ChargePoint(serializers.Serializer):
    charge_point = serializers.CharField(help_text="The identifier, as OCPP has it.")
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
    connection = serializers.IntegerField()
    name = serializers.CharField()
    place = serializers.CharField()
    capacity_w = serializers.IntegerField()
    planned_w = serializers.IntegerField(allow_null=True)
    up_w = serializers.IntegerField(allow_null=True, help_text="How much more could be drawn in this quarter hour.")
    down_w = serializers.IntegerField(allow_null=True, help_text="How much less.")


class Missed(serializers.Serializer):
    evse = serializers.CharField()
    charge_point = serializers.CharField()
    missed_wh = serializers.FloatField()
    target_soc_percent = serializers.FloatField()
    reached_soc_percent = serializers.FloatField()
    departure_at = serializers.DateTimeField()


class Verdict(serializers.Serializer):
    feasible = serializers.BooleanField()
    certain = serializers.BooleanField(help_text="False: the solver ran out of time, this is an estimate.")
    sentence = serializers.CharField(help_text="The verdict in the language asked for (Accept-Language).")
    least_limit_w = serializers.IntegerField(
        allow_null=True, help_text="The least `max_power_w` that costs nobody anything, where one was found."
    )
    relaxation_wh = serializers.FloatField(help_text="By how much energy the limit would have to be exceeded.")
    sessions_hit = serializers.IntegerField()
    missed = Missed(many=True, help_text="Who would miss what, at charge points of the owner's branch.")


class Order(serializers.Serializer):
    order = serializers.IntegerField()
    ordered_by = serializers.CharField()
    ordered_at = serializers.DateTimeField()
    charge_points = serializers.ListField(child=serializers.CharField())
    other_charge_points = serializers.IntegerField(help_text="How many more it names outside of the owner's branch.")
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
    misses = serializers.CharField(allow_null=True, help_text="A digest of who misses what, for an acceptance.")
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
