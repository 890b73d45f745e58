"""What staff may say of a charger."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chargepoints.models import ChargePoint, Connector, Operator, SupplyPoint, Tariff
from chargepoints.selectors.smart_charging import DIALECTS
from chargepoints.services import quirks, security
from chargepoints.services.provisioning import EvseSpec


class OfflineForm(forms.Form):
    behaviour = forms.ChoiceField(
        label=_("Who may charge while the charger cannot ask"),
        choices=ChargePoint.OfflineBehaviour.choices,
        widget=forms.RadioSelect,
    )


class DialectForm(forms.Form):
    """``FOUND`` leaves it to be found."""

    FOUND = "found"
    name = forms.ChoiceField(label=_("How it is asked to give energy back"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(name, DIALECTS.get(name, name)) for name in quirks.all_dialects()]
        self.fields["name"].choices = [(self.FOUND, _("To be found at its boot")), *known]  # type: ignore[attr-defined]


class ProfileForm(forms.Form):
    """Which security profile is demanded, and how the charger gets to know."""

    profile = forms.TypedChoiceField(
        label=_("Demanded at the next connection"), choices=security.profiles_to_choose, coerce=int
    )
    tell = forms.BooleanField(
        label=_("Tell the charger"),
        required=False,
        help_text=_("It holds once the charger has come by it. Only a higher one can be told."),
    )
    allow_lower = forms.BooleanField(label=_("A lower one is meant"), required=False)


class _SupplyPoints(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return obj.name if obj.name == obj.location.name else f"{obj.location.name} · {obj.name}"


class RegisterForm(forms.Form):
    """A new charger; its EVSEs are alike. Powers in kW."""

    identity = forms.RegexField(
        label=_("Identifier"),
        # OCPP 2.0.1's identifierString, and the blanks that some chargers of 1.6 have.
        regex=r"^\s*[0-9A-Za-z*_=:+|@. -]{1,48}\s*$",
        error_messages={"invalid": _("1 to 48 letters, digits and any of *-_=:+|@. as the charger says them.")},
    )
    supply_point = _SupplyPoints(
        label=_("Grid connection"), queryset=SupplyPoint.objects.none(), empty_label=_("Please choose")
    )
    evses = forms.IntegerField(label=_("Connectors"), min_value=1, max_value=12, initial=1)
    standard = forms.ChoiceField(label=_("Plug"), choices=Connector.Standard.choices)
    max_power_kw = forms.FloatField(label=_("Most power of each"), min_value=1, max_value=1000, initial=11)
    max_discharge_kw = forms.FloatField(label=_("Most power back (V2G)"), min_value=0, max_value=1000, initial=0)
    tariff = forms.ModelChoiceField(
        label=_("Tariff"), queryset=Tariff.objects.none(), required=False, empty_label=_("None: the market price")
    )
    profile = forms.TypedChoiceField(
        label=_("Security"),
        choices=security.profiles_to_choose,
        coerce=int,
        initial=ChargePoint.SecurityProfile.BASIC,
    )

    def __init__(self, *args: Any, operator: Operator, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = SupplyPoint.objects.filter(location__operator=operator).select_related("location")
        self.fields["supply_point"].queryset = places  # type: ignore[attr-defined]
        self.fields["tariff"].queryset = Tariff.objects.filter(operator=operator)  # type: ignore[attr-defined]

    def clean_identity(self) -> str:
        identity = str(self.cleaned_data["identity"]).strip()
        if ChargePoint.objects.filter(identity__iexact=identity).exists():
            raise forms.ValidationError(_("There is a charge point of this name already."))
        return identity

    def wish(self) -> dict[str, Any]:
        """What was described, as ``services.registration.register`` takes it."""
        same = ("identity", "supply_point", "tariff", "profile")
        return {**{name: self.cleaned_data[name] for name in same}, "evses": self._evses()}

    def _evses(self) -> list[EvseSpec]:
        data = self.cleaned_data
        return [
            EvseSpec(
                number=number,
                max_power_w=round(data["max_power_kw"] * 1000),
                max_discharge_w=round(data["max_discharge_kw"] * 1000),
                standard=data["standard"],
            )
            for number in range(1, data["evses"] + 1)
        ]
