"""Acceptance of the terms of use."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class TermsAcceptance(models.Model):
    """Which version of the terms a driver accepted, and when."""

    driver = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="terms_acceptances")
    version = models.CharField(max_length=16)
    accepted_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-accepted_at"]

    def __str__(self) -> str:
        return f"{self.driver_id} {self.version}"
