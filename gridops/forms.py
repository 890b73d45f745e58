"""The order form: kilowatts and local times in, watts and UTC out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chargepoints.models import ChargePoint
from gridops import clocks
from gridops.access import charge_points_of
from smac.models import FlexOrder

# §14a EnWG: a controllable consumer keeps at least 4.2 kW.
USUAL_FLOOR_KW = 4.2
MOST_KW = 100_000
_MOMENT = "%Y-%m-%dT%H:%M"
# Filling in the form takes some minutes: a start that is just past means "now".
_LATE = timedelta(minutes=15)
_USUAL_ZONE = "Europe/Berlin"
_USUAL_LENGTH = timedelta(hours=2)
_WHICH = ((clocks.FIRST, _("the first")), (clocks.SECOND, _("the second")))
_WHICH_OF = {"starts_at": "starts_which", "ends_at": "ends_which"}


@dataclass(frozen=True)
class ZoneChoice:
    """A time zone of the user's charge points, with the window that the form offers there."""

    name: str
    starts_at: str
    ends_at: str

    @property
    def label(self) -> str:
        """``Athens`` for ``Europe/Athens``."""
        return _city(self.name)


def _city(zone: str) -> str:
    return zone.rsplit("/", 1)[-1].replace("_", " ")


@dataclass(frozen=True)
class Twice:
    """A local time of the form that comes twice, as clocks go back: which of both is meant?"""

    name: str
    local: datetime
    offsets: tuple[str, str]
    chosen: str

    @property
    def question(self) -> str:
        what = {"time": time_format(self.local, "H:i"), "day": date_format(self.local, "DATE_FORMAT")}
        if self.name == "starts_which":
            return gettext("Start: %(time)s comes twice on %(day)s, as clocks go back. Which one?") % what
        return gettext("End: %(time)s comes twice on %(day)s, as clocks go back. Which one?") % what


class LocalMoment(forms.DateTimeField):
    """A wall-clock time without a zone; the form gives it the place's."""

    def __init__(self, **values: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT)
        super().__init__(widget=widget, input_formats=[_MOMENT, "%Y-%m-%dT%H:%M:%S"], **values)

    def to_python(self, value: Any) -> datetime | None:
        with timezone.override(None):
            parsed = super().to_python(value)
        return parsed.replace(tzinfo=None) if parsed else None


class OrderForm(forms.Form):
    """What a grid operator orders. ``order`` is the arguments of ``smac.services.limits``, once the form is valid."""

    charge_points = forms.ModelMultipleChoiceField(
        ChargePoint.objects.none(),
        widget=forms.MultipleHiddenInput,
        error_messages={"required": _("Select at least one charge point on the map.")},
    )
    max_power_kw = forms.FloatField(
        label=_("Max. power to vehicles"),
        min_value=0,
        max_value=MOST_KW,
        initial=5,
        error_messages={"required": _("Say how many kilowatts the vehicles may draw.")},
    )
    scope = forms.ChoiceField(
        label=_("The limit holds"),
        choices=[(it.value, it.label) for it in (FlexOrder.Scope.EACH, FlexOrder.Scope.TOGETHER)],
        widget=forms.RadioSelect,
        initial="each",
    )
    v2g = forms.BooleanField(label=_("Use vehicle-to-grid where possible"), required=False)
    max_export_kw = forms.FloatField(
        label=_("Max. power to the grid"), min_value=0, max_value=MOST_KW, required=False, initial=0
    )
    starts_at = LocalMoment(label=_("Start"), error_messages={"required": _("Say when the limit begins.")})
    ends_at = LocalMoment(label=_("End"), error_messages={"required": _("Say when the limit ends.")})
    # Asked for only where a local time comes twice.
    starts_which = forms.ChoiceField(choices=_WHICH, required=False)
    ends_which = forms.ChoiceField(choices=_WHICH, required=False)
    zone = forms.ChoiceField(label=_("Times in"), required=False)
    keep_floor = forms.BooleanField(label=_("Leave every point a floor"), required=False, initial=True)
    floor_kw = forms.FloatField(
        label=_("Floor per point"), min_value=0, max_value=MOST_KW, required=False, initial=USUAL_FLOOR_KW
    )
    mandatory = forms.TypedChoiceField(
        label=_("Kind"),
        choices=[("yes", _("Mandatory")), ("no", _("Offer"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        initial="yes",
    )
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def __init__(self, *args: Any, user: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._now = now
        self.twice: list[Twice] = []
        points = charge_points_of(user).select_related("supply_point__location")
        field = self.fields["charge_points"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = points
        self.zones = [_zone_choice(name, now) for name in _zones_of(points)]
        zone = self.fields["zone"]
        assert isinstance(zone, forms.ChoiceField)
        zone.choices = [(choice.name, choice.label) for choice in self.zones]
        self.fields["starts_at"].initial = self.zones[0].starts_at
        self.fields["ends_at"].initial = self.zones[0].ends_at
        self.fields["zone"].initial = self.zones[0].name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first = next(iter(data.get("charge_points") or []), None)
        zone = ZoneInfo(data["zone"]) if data.get("zone") else _zone_of(first)
        for name in _WHICH_OF:
            if data.get(name):
                data[name] = self._moment(name, data, zone)
        self._check_window(data.get("starts_at"), data.get("ends_at"), zone)
        if data.get("v2g") and not data.get("max_export_kw"):
            self.add_error("max_export_kw", _("Say how much power the vehicles may give to the grid."))
        if data.get("keep_floor") and data.get("floor_kw") is None:
            self.add_error("floor_kw", _("Say how much power every point keeps, or take the floor away."))
        return data

    def _moment(self, name: str, data: dict[str, Any], zone: ZoneInfo) -> datetime | None:
        """A local time of the form as a moment; None where no clock shows it, or it is to be said which of two."""
        local, which = data[name], data.get(_WHICH_OF[name], "")
        if clocks.is_skipped(local, zone):
            self.add_error(name, _("This time does not exist on that day: clocks go forward."))
            return None
        if clocks.comes_twice(local, zone):
            self.twice.append(Twice(_WHICH_OF[name], local, clocks.offsets(local, zone), which))
            if not which:
                self.add_error(name, _("This time comes twice, as clocks go back: say below which one."))
                return None
        return clocks.at(local, zone, which)

    def _check_window(self, starts_at: datetime | None, ends_at: datetime | None, zone: ZoneInfo) -> None:
        if starts_at and starts_at < self._now - _LATE:
            self._say_past("starts_at", _("The start must not be in the past: in %(place)s it is %(time)s."), zone)
        if starts_at and ends_at and ends_at <= starts_at:
            self.add_error("ends_at", _("The end must be after the start."))
        elif ends_at and ends_at <= self._now:
            self._say_past("ends_at", _("The end must be in the future: in %(place)s it is %(time)s."), zone)

    def _say_past(self, name: str, words: Any, zone: ZoneInfo) -> None:
        clock = time_format(self._now.astimezone(zone), "H:i")
        self.add_error(name, words % {"place": _city(zone.key), "time": clock})

    def order(self) -> dict[str, Any]:
        """The order in W and aware times. Only of a valid form."""
        data = self.cleaned_data
        return {
            "charge_points": list(data["charge_points"]),
            "scope": data["scope"],
            "max_power_w": _watts(data["max_power_kw"]),
            "v2g": data["v2g"],
            "max_export_w": _watts(data["max_export_kw"]) if data["v2g"] else 0,
            "floor_w": _watts(data["floor_kw"]) if data["keep_floor"] else 0,
            "mandatory": data["mandatory"],
            "starts_at": data["starts_at"],
            "ends_at": data["ends_at"],
        }


def _watts(kilowatts: float | None) -> int:
    return round((kilowatts or 0.0) * 1000)


def _zone_of(charge_point: ChargePoint | None) -> ZoneInfo:
    return ZoneInfo(charge_point.supply_point.location.time_zone if charge_point else _USUAL_ZONE)


def _zones_of(points: QuerySet[ChargePoint]) -> list[str]:
    """The zones of the charge points, the one with most points first."""
    counted = Counter(points.values_list("supply_point__location__time_zone", flat=True))
    return [name for name, _count in counted.most_common()] or [_USUAL_ZONE]


def _zone_choice(name: str, now: datetime) -> ZoneChoice:
    start = _next_quarter(now.astimezone(ZoneInfo(name)))
    return ZoneChoice(name, start.strftime(_MOMENT), (start + _USUAL_LENGTH).strftime(_MOMENT))


def _next_quarter(moment: datetime) -> datetime:
    rounded = moment.replace(second=0, microsecond=0)
    return rounded + timedelta(minutes=15 - rounded.minute % 15)
