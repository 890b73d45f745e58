"""What a driver tells of an own charger beyond what every charge point has."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class HomeCharger(models.Model):
    class Version(models.TextChoices):
        V16 = "1.6", "OCPP 1.6"
        V201 = "2.0.1", "OCPP 2.0.1"

    charge_point = models.OneToOneField("chargepoints.ChargePoint", models.CASCADE, related_name="home_charger")
    # What its papers say; the charge point keeps what it speaks once it has connected.
    ocpp_version = models.CharField(_("OCPP version"), max_length=8, choices=Version.choices, default=Version.V16)
    # Its own page in the home's network, for whoever sets it up. It calls us: orders need no address.
    remote_address = models.CharField(_("address in the home network"), max_length=120, blank=True)
    # Taken off the list. Its sessions and receipts stay, nothing connects by its name any more.
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("own charge point")

    def __str__(self) -> str:
        return str(self.charge_point)
