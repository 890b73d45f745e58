"""Vehicles, own and shared."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargepoints.models import Connector


class VehicleQuerySet(models.QuerySet["Vehicle"]):
    def usable_by(self, driver: Any, now: datetime) -> VehicleQuerySet:
        """The driver's own vehicles, and shared ones that the driver has booked for now."""
        booked = Q(
            is_shared=True,
            bookings__driver=driver,
            bookings__cancelled_at=None,
            bookings__starts_at__lte=now,
            bookings__ends_at__gt=now,
        )
        return self.filter(Q(owner=driver) | booked).distinct()


class Vehicle(models.Model):
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="vehicles")
    plate = models.CharField(_("plate"), max_length=16)
    brand = models.CharField(_("brand"), max_length=40)
    model = models.CharField(_("model"), max_length=40)
    connector_standard = models.CharField(
        _("charger type"), max_length=24, choices=Connector.Standard.choices, default=Connector.Standard.TYPE2
    )
    battery_capacity_wh = models.PositiveIntegerField(_("battery capacity (Wh)"))
    min_charge_w = models.PositiveIntegerField(_("min. charge power (W)"), default=1380)
    max_charge_w = models.PositiveIntegerField(_("max. charge power (W)"))
    max_discharge_w = models.PositiveIntegerField(_("max. discharge power (W)"), default=0)
    consumption_wh_per_km = models.PositiveIntegerField(_("consumption (Wh/km)"), default=170)
    v2g = models.BooleanField("V2G", default=False)
    is_shared = models.BooleanField(_("shared"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = VehicleQuerySet.as_manager()

    class Meta:
        ordering = ["brand", "model", "plate"]
        verbose_name = _("vehicle")
        constraints = [models.UniqueConstraint(fields=["owner", "plate"], name="plate_unique_for_owner")]

    def __str__(self) -> str:
        return f"{self.brand} {self.model} ({self.plate})"


class VehicleBooking(models.Model):
    """A shared vehicle held by one driver for a time.

    No two that hold may overlap: PostgreSQL keeps that by an exclusion constraint (a migration makes it), SQLite by
    writing one at a time; see drivers/services/sharing.py.
    """

    vehicle = models.ForeignKey(Vehicle, models.CASCADE, related_name="bookings")
    driver = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="vehicle_bookings")
    starts_at = models.DateTimeField(_("start"))
    ends_at = models.DateTimeField(_("end"))
    # The charge card that the vehicle opens to.
    id_token = models.ForeignKey(
        "chargepoints.IdToken", models.SET_NULL, null=True, blank=True, related_name="vehicle_bookings"
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["vehicle", "ends_at"], name="booking_of_vehicle")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="booking_ends_after_start")
        ]

    def __str__(self) -> str:
        return f"{self.vehicle_id} {self.starts_at:%Y-%m-%d %H:%M}"
