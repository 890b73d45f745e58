"""What a browser says of itself when it may be woken (PushSubscription.toJSON)."""

from typing import Any

from django import forms


class SubscriptionForm(forms.Form):
    endpoint = forms.CharField(max_length=600)
    p256dh = forms.CharField(max_length=120)
    auth = forms.CharField(max_length=40)

    @classmethod
    def of(cls, told: Any) -> "SubscriptionForm":
        """From the browser's JSON, whatever it is."""
        told = told if isinstance(told, dict) else {}
        keys = told.get("keys")
        return cls({**(keys if isinstance(keys, dict) else {}), "endpoint": told.get("endpoint")})
