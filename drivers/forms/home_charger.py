"""A charge point of one's own. People give kW; rows hold W."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chargepoints.models import ChargePoint, Connector
from drivers.models import HomeCharger
from drivers.services import private_points
from drivers.services.private_points import Description, Place

_KILO = 1000
_NAMES = {
    "DE": _("Germany"),
    "GR": _("Greece"),
    "ES": _("Spain"),
    "AT": _("Austria"),
    "BE": _("Belgium"),
    "CH": _("Switzerland"),
    "CY": _("Cyprus"),
    "FR": _("France"),
    "LU": _("Luxembourg"),
    "NL": _("Netherlands"),
    "PL": _("Poland"),
    "PT": _("Portugal"),
}


class HomeChargerForm(forms.Form):
    identity = forms.RegexField(
        label=_("Identifier"),
        regex=r"^\s*[0-9A-Za-z*_=:+|@.-]{4,48}\s*$",
        help_text=_("The name by which the charger introduces itself, often its serial number."),
        error_messages={"invalid": _("4 to 48 letters, digits and any of *-_=:+|@. as the charger says them.")},
    )
    address = forms.CharField(label=_("Street and number"), max_length=120)
    postal_code = forms.CharField(label=_("Postal code"), max_length=16)
    city = forms.CharField(label=_("City"), max_length=80)
    country = forms.ChoiceField(label=_("Country"), choices=list(_NAMES.items()))
    latitude = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90)
    longitude = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180)
    standard = forms.ChoiceField(label=_("Charger type"), choices=Connector.Standard.choices)
    max_power_kw = forms.DecimalField(label=_("Max. power"), min_value=1, max_value=400, decimal_places=2, initial=11)
    min_power_kw = forms.DecimalField(
        label=_("Min. power"), min_value=0, max_value=50, decimal_places=2, required=False
    )
    connection_kw = forms.DecimalField(
        label=_("Grid connection of the home"), min_value=1, max_value=1000, decimal_places=1, initial=17
    )
    can_defer = forms.BooleanField(label=_("Can start later"), required=False, initial=True)
    can_pause = forms.BooleanField(label=_("Can pause"), required=False, initial=True)
    can_limit = forms.BooleanField(label=_("Can limit its power"), required=False, initial=True)
    ocpp_version = forms.ChoiceField(label=_("OCPP version"), choices=HomeCharger.Version.choices)
    remote_address = forms.RegexField(
        label=_("Address in your home network"),
        regex=r"^[0-9A-Za-z.:/\[\]_-]{1,120}$",
        required=False,
        help_text=_("Where you reach the charger's own settings, such as 192.168.1.20. Noted for you alone."),
        error_messages={"invalid": _("A name or number such as 192.168.1.20.")},
    )
    heartbeat_interval_s = forms.IntegerField(
        label=_("Heartbeat interval"), min_value=30, max_value=86_400, initial=300
    )

    def __init__(self, *args: Any, point: ChargePoint | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.point = point
        if point is not None:
            self.initial = _initial(point)
            # The charger introduces itself by it.
            self.fields["identity"].disabled = True

    def clean_identity(self) -> str:
        return str(self.cleaned_data["identity"]).strip()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (data.get("min_power_kw") or 0) > data.get("max_power_kw", 1000):
            self.add_error("min_power_kw", _("This is more than the max. power."))
        if "latitude" in self.errors or "longitude" in self.errors:
            self.add_error(None, _("Put the pin on your home on the map."))
        return data

    def wish(self) -> Description:
        """What was described, in W."""
        data = self.cleaned_data
        place = Place(**{name: data[name] for name in Place.__slots__})
        max_power_w = round(data["max_power_kw"] * _KILO)
        usual_w = private_points.least_power_w(standard=data["standard"], max_power_w=max_power_w)
        least = data["min_power_kw"]
        same = ("identity", "standard", "can_defer", "can_pause", "can_limit", "ocpp_version", "remote_address")
        return Description(
            place=place,
            max_power_w=max_power_w,
            min_power_w=usual_w if least is None else round(least * _KILO),
            connection_w=round(data["connection_kw"] * _KILO),
            heartbeat_interval_s=data["heartbeat_interval_s"],
            **{name: data[name] for name in same},
        )


def _initial(point: ChargePoint) -> dict[str, Any]:
    location, evse = point.supply_point.location, point.evses.first()
    connector = evse.connectors.first() if evse else None
    home = getattr(point, "home_charger", None)
    return {
        "identity": point.identity,
        **{name: getattr(location, name) for name in ("address", "postal_code", "city", "country")},
        "latitude": point.latitude,
        "longitude": point.longitude,
        "standard": connector.standard if connector else Connector.Standard.TYPE2,
        "max_power_kw": _kw(evse.max_power_w) if evse else None,
        "min_power_kw": _kw(evse.min_power_w) if evse else None,
        "connection_kw": _kw(point.supply_point.contracted_capacity_w),
        **{name: getattr(point, name) for name in ("can_defer", "can_pause", "can_limit", "heartbeat_interval_s")},
        "ocpp_version": home.ocpp_version if home else point.ocpp_version,
        "remote_address": home.remote_address if home else "",
    }


def _kw(power_w: int) -> str:
    return f"{power_w / _KILO:g}"
