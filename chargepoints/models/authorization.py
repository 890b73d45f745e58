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
    # A fleet's card may charge several cars at once; a person's may not (OCPP "ConcurrentTx").
    allows_concurrent = models.BooleanField(_("several sessions at once"), default=False)
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


class LocalListEntry(models.Model):
    """One entry of the list that a charger holds for the time when it cannot ask, as it accepted it."""

    charge_point = models.ForeignKey("chargepoints.ChargePoint", models.CASCADE, related_name="local_list")
    token = models.CharField(max_length=36)
    key = models.CharField(max_length=36)
    type = models.CharField(max_length=20, default="ISO14443")
    status = models.CharField(max_length=16)
    expires_at = models.DateTimeField(null=True)
    parent = models.CharField(max_length=36, blank=True)

    class Meta:
        ordering = ["charge_point", "key"]
        constraints = [models.UniqueConstraint(fields=["charge_point", "key"], name="local_list_entry_unique")]

    def __str__(self) -> str:
        return f"{self.charge_point_id} {self.key}"
