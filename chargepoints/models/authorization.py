"""Id tokens."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class IdToken(models.Model):
    """A charge card or an app's own token. ``key`` is the token without case (OCPP compares so)."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        BLOCKED = "blocked", _("Blocked")

    token = models.CharField(_("charge card"), max_length=36)
    key = models.CharField(max_length=36, unique=True)
    type = models.CharField(max_length=20, default="ISO14443")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    expires_at = models.DateTimeField(null=True, blank=True)
    parent = models.CharField(_("group"), max_length=36, blank=True)
    driver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="id_tokens"
    )
    operator = models.ForeignKey(
        "chargepoints.Operator", models.CASCADE, null=True, blank=True, related_name="id_tokens"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["token"]
        verbose_name = _("id token")

    def __str__(self) -> str:
        return self.token
