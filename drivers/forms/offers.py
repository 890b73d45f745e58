"""What is to happen with the grid operator's offers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from smac.models import OfferPreference


class PreferenceForm(forms.Form):
    choice = forms.ChoiceField(
        label=_("When the grid operator makes an offer"),
        choices=OfferPreference.Choice.choices,
        widget=forms.RadioSelect,
    )
