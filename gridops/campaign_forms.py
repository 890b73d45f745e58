"""The form of an offer to drivers: kilowatts, euros and local times in, watts, Decimals and UTC out."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.quarters import QUARTER, quarter_start
from chargepoints.models import ChargePoint, ChargePointGroup
from chargepoints.selectors.groups import branch_ids
from gridops import clocks
from gridops.access import charge_points_of
from gridops.forms import MOST_KW, LocalMoment
from gridops.selectors import visible_groups
from smac.models import Campaign

_MOMENT = "%Y-%m-%dT%H:%M"
_USUAL_ZONE = "Europe/Berlin"
_USUAL_LENGTH = timedelta(hours=2)
_MOST_RATE, _MOST_BUDGET = Decimal("99.9999"), Decimal("9999999.99")


class CampaignForm(forms.Form):
    """What a grid operator offers. ``offer`` is the arguments of ``campaigns.announce``, once the form is valid."""

    groups = forms.ModelMultipleChoiceField(
        ChargePointGroup.objects.none(),
        label=_("Area"),
        error_messages={"required": _("Choose at least one group: its branch is the area.")},
    )
    direction = forms.ChoiceField(
        label=_("Wanted in this time"),
        choices=Campaign.Direction.choices,
        widget=forms.RadioSelect,
        initial=Campaign.Direction.LESS,
    )
    wanted_kw = forms.FloatField(
        label=_("Change of all together"),
        min_value=0.1,
        max_value=MOST_KW,
        error_messages={"required": _("Say by how many kilowatts.")},
    )
    incentive_per_kwh = forms.DecimalField(
        label=_("Incentive for each kWh moved"),
        min_value=Decimal("0.0001"),
        max_value=_MOST_RATE,
        decimal_places=4,
        error_messages={"required": _("Say what a kilowatt-hour is worth.")},
    )
    budget = forms.DecimalField(
        label=_("Budget"),
        min_value=Decimal("0.01"),
        max_value=_MOST_BUDGET,
        decimal_places=2,
        error_messages={"required": _("Say what may be spent at most.")},
    )
    starts_at = LocalMoment(label=_("Start"), error_messages={"required": _("Say when it begins.")})
    ends_at = LocalMoment(label=_("End"), error_messages={"required": _("Say when it ends.")})
    message = forms.CharField(label=_("Message to the drivers"), max_length=200, required=False)

    def __init__(self, *args: Any, user: Any, now: datetime, **values: Any) -> None:
        super().__init__(*args, **values)
        self._user = user
        self.points: list[ChargePoint] = []
        self.fields["groups"].queryset = visible_groups(user)  # type: ignore[attr-defined]
        start = _usual_start(user, now)
        self.fields["starts_at"].initial = start.strftime(_MOMENT)
        self.fields["ends_at"].initial = (start + _USUAL_LENGTH).strftime(_MOMENT)
        for name in ("starts_at", "ends_at"):
            self.fields[name].widget.attrs["step"] = int(QUARTER.total_seconds())

    @property
    def chosen_ids(self) -> set[int]:
        """The groups that are ticked, as sent."""
        sent = self.data.getlist("groups") if self.is_bound and hasattr(self.data, "getlist") else []
        return {int(value) for value in sent if str(value).isdecimal()}

    @property
    def zone(self) -> str:
        """The zone of most of the chosen charge points: what the times of the form mean."""
        return zone_of(self.points)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("groups"):
            self.points = self._points_in(data["groups"])
            if not self.points:
                self.add_error("groups", _("There is no charge point in these groups."))
        for name in ("starts_at", "ends_at"):
            if data.get(name):
                data[name] = self._moment(name, data[name])
        return data

    def _points_in(self, groups: Any) -> list[ChargePoint]:
        ids = branch_ids(group.pk for group in groups)
        found = charge_points_of(self._user).filter(pk__in=ChargePoint.objects.filter(groups__in=ids))
        return list(found.select_related("supply_point__location").order_by("identity"))

    def _moment(self, name: str, local: datetime) -> datetime | None:
        zone = ZoneInfo(self.zone)
        if clocks.is_skipped(local, zone):
            self.add_error(name, _("This time does not exist on that day: clocks go forward."))
        elif clocks.comes_twice(local, zone):
            self.add_error(name, _("This time comes twice, as clocks go back: choose another one."))
        else:
            return clocks.at(local, zone)
        return None

    def offer(self) -> dict[str, Any]:
        """The offer in W and aware times. Only of a valid form."""
        data = self.cleaned_data
        return {
            "charge_points": self.points,
            "direction": data["direction"],
            "wanted_w": round(data["wanted_kw"] * 1000),
            "incentive_per_kwh": data["incentive_per_kwh"],
            "budget": data["budget"],
            "starts_at": data["starts_at"],
            "ends_at": data["ends_at"],
        }


def zone_of(points: list[ChargePoint]) -> str:
    """The zone of most of the charge points."""
    counted = Counter(point.supply_point.location.time_zone for point in points)
    return counted.most_common(1)[0][0] if counted else _USUAL_ZONE


def _usual_start(user: Any, now: datetime) -> datetime:
    """The next whole hour, as the clocks of the user's charge points show it."""
    zones = charge_points_of(user).values_list("supply_point__location__time_zone", flat=True)
    counted = Counter(zones).most_common(1)
    local = quarter_start(now).astimezone(ZoneInfo(counted[0][0] if counted else _USUAL_ZONE))
    return local.replace(minute=0) + timedelta(hours=1)
