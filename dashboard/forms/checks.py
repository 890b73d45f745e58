"""What staff say about a doubtful session."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from chargepoints.models import TransactionReview


class ReviewForm(forms.Form):
    """The decision is the button that was pressed."""

    decision = forms.ChoiceField(choices=TransactionReview.Decision.choices, widget=forms.HiddenInput)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)
