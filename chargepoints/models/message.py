"""The log of OCPP messages."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class OcppMessage(models.Model):
    """One OCPP frame as it went over the wire."""

    class Direction(models.TextChoices):
        IN = "in", _("from the charger")
        OUT = "out", _("to the charger")

    # Found by the index below; a frame of a charger that was deleted meanwhile costs the others nothing.
    charge_point = models.ForeignKey(
        "chargepoints.ChargePoint", models.CASCADE, related_name="messages", db_index=False, db_constraint=False
    )
    transaction = models.ForeignKey(
        "chargepoints.Transaction", models.SET_NULL, null=True, related_name="messages", db_constraint=False
    )
    at = models.DateTimeField()
    direction = models.CharField(max_length=3, choices=Direction.choices)
    message_type = models.PositiveSmallIntegerField()
    message_id = models.CharField(max_length=64)
    action = models.CharField(max_length=48, blank=True)
    payload = models.JSONField()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["charge_point", "-at"], name="message_of_charge_point")]

    def __str__(self) -> str:
        return f"{self.direction} {self.action}"
