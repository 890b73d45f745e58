"""The form for the access of a machine."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gridops.models import MachineToken

_DAYS = [(30, _("30 days")), (90, _("90 days")), (365, _("A year"))]


class MachineForm(forms.Form):
    """What the machine is called, what it may do, and for how long."""

    name = forms.CharField(label=_("Name"), max_length=60, help_text=_("By which you will know it again."))
    scope = forms.ChoiceField(
        label=_("May"), choices=MachineToken.Scope.choices, widget=forms.RadioSelect, initial=MachineToken.Scope.READ
    )
    days = forms.TypedChoiceField(label=_("Good for"), choices=_DAYS, coerce=int, initial=90)

    def values(self, now: datetime) -> dict[str, Any]:
        """As arguments of ``tokens.make``. Only of a valid form."""
        data = self.cleaned_data
        return {"name": data["name"], "scope": data["scope"], "expires_at": now + timedelta(days=data["days"])}
