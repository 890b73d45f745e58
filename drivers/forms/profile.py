"""Personal data and charge cards."""

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _


class ProfileForm(forms.ModelForm):
    class Meta:
        model = get_user_model()
        fields = ["first_name", "last_name", "language"]


class CardForm(forms.Form):
    token = forms.RegexField(
        label=_("Number of the card"),
        # OCPP 1.6 takes at most 20 characters; cards carry hexadecimal numbers or contract ids.
        regex=r"^\s*[0-9A-Za-z*:-]{4,20}\s*$",
        max_length=24,
        error_messages={"invalid": _("4 to 20 letters and digits, as printed on the card.")},
    )
