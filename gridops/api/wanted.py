"""An order as a machine writes it: watts, moments with their zone, charge points by identifier or by group."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from chargepoints.models import ChargePoint
from chargepoints.selectors.groups import charge_points_in
from gridops.access import charge_points_of
from gridops.forms import MOST_KW, USUAL_FLOOR_KW
from gridops.selectors import visible_groups
from smac.models import FlexOrder

_MOST_W = MOST_KW * 1000
_MOST_POINTS = 20_000
# As in the console: a start that is just past means "now".
_LATE = timedelta(minutes=15)
_SCOPES = (FlexOrder.Scope.EACH, FlexOrder.Scope.TOGETHER)


@extend_schema_field(OpenApiTypes.DATETIME)
class Moment(serializers.Field):
    """A moment with its offset to UTC: no machine should have its clock guessed."""

    default_error_messages = {"invalid": _("A moment with its offset, such as 2026-11-24T10:00:00+01:00.")}

    def to_internal_value(self, data: Any) -> datetime:
        try:
            found = parse_datetime(data) if isinstance(data, str) else None
        except ValueError:
            found = None
        if found is None or timezone.is_naive(found):
            self.fail("invalid")
        return found

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


class Strict(serializers.Serializer):
    """Fields that nobody knows are refused: ``max_power_kw`` would else be a limit that is not there."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            raise serializers.ValidationError({str(name): [_("There is no such field.")] for name in unknown})
        return super().to_internal_value(data)


class WantedOrder(Strict):
    """Who is limited, to what, and when. ``group`` stands for its branch, in the place of ``charge_points``."""

    charge_points = serializers.ListField(
        child=serializers.CharField(max_length=48), required=False, allow_empty=False, max_length=_MOST_POINTS
    )
    group = serializers.IntegerField(required=False)
    scope = serializers.ChoiceField(choices=[(it.value, it.label) for it in _SCOPES])
    max_power_w = serializers.IntegerField(min_value=0, max_value=_MOST_W)
    v2g = serializers.BooleanField(default=False)
    max_export_w = serializers.IntegerField(min_value=0, max_value=_MOST_W, default=0)
    floor_w = serializers.IntegerField(min_value=0, max_value=_MOST_W, default=round(USUAL_FLOOR_KW * 1000))
    mandatory = serializers.BooleanField(default=True)
    reason = serializers.CharField(max_length=200, allow_blank=True, default="")
    starts_at = Moment()
    ends_at = Moment()

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        data["charge_points"] = self._charge_points(data.get("charge_points"), data.pop("group", None))
        problems = self._window(data["starts_at"], data["ends_at"], self.context["now"])
        if data["v2g"] != bool(data["max_export_w"]):
            problems["max_export_w"] = _("Above zero with v2g, and only then.")
        if problems:
            raise serializers.ValidationError(problems)
        return data

    def _window(self, starts_at: datetime, ends_at: datetime, now: datetime) -> dict[str, Any]:
        problems: dict[str, Any] = {}
        if starts_at < now - _LATE:
            problems["starts_at"] = _("The start must not be in the past.")
        if ends_at <= starts_at:
            problems["ends_at"] = _("The end must be after the start.")
        elif ends_at <= now:
            problems["ends_at"] = _("The end must be in the future.")
        return problems

    def _charge_points(self, identities: list[str] | None, group_id: int | None) -> list[ChargePoint]:
        if (identities is None) == (group_id is None):
            raise serializers.ValidationError({"charge_points": _("Name either charge points or a group.")})
        if identities is None:
            return self._in_group(group_id or 0)
        mine = self._mine().in_bulk(set(identities), field_name="identity")
        # A foreign one and one that does not exist are told in the same words.
        words = _("There is no such charge point.")
        unknown = {str(index): words for index, it in enumerate(identities) if it not in mine}
        if unknown:
            raise serializers.ValidationError({"charge_points": unknown})
        return list(mine.values())

    def _in_group(self, group_id: int) -> list[ChargePoint]:
        if not visible_groups(self.context["user"]).filter(pk=group_id).exists():
            raise serializers.ValidationError({"group": _("There is no such group.")})
        inside = charge_points_in([group_id]).order_by().values("pk")
        return list(self._mine().filter(pk__in=inside).order_by("identity"))

    def _mine(self) -> Any:
        mine = charge_points_of(self.context["user"]).order_by().values("pk")
        return ChargePoint.objects.filter(pk__in=mine).select_related("supply_point__location")


class WantedReplacement(Strict):
    """Another limit for an order that has not ended; without one, the least that costs nobody anything."""

    max_power_w = serializers.IntegerField(min_value=0, max_value=_MOST_W, required=False)


class WantedAcceptance(Strict):
    """That it is ordered all the same. ``misses``: the digest in the order, so that what is accepted was looked at."""

    misses = serializers.CharField()
