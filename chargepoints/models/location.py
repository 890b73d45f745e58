"""Places and grid connections."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Location(models.Model):
    """A place with charge points: an operator's, or a driver's own home."""

    operator = models.ForeignKey(
        "chargepoints.Operator", models.PROTECT, null=True, blank=True, related_name="locations"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="home_locations"
    )
    name = models.CharField(_("name"), max_length=120)
    address = models.CharField(_("address"), max_length=200, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=16, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Berlin")
    is_public = models.BooleanField(_("public"), default=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("location")
        constraints = [
            models.CheckConstraint(
                condition=Q(operator__isnull=False, owner__isnull=True)
                | Q(operator__isnull=True, owner__isnull=False, is_public=False),
                name="location_belongs_to_operator_or_driver",
            )
        ]
        indexes = [models.Index(fields=["latitude", "longitude"], name="location_position")]

    def __str__(self) -> str:
        return self.name


class SupplyPoint(models.Model):
    """The grid connection that one or more charge points share."""

    location = models.ForeignKey(Location, models.CASCADE, related_name="supply_points")
    name = models.CharField(_("name"), max_length=120)
    contracted_capacity_w = models.PositiveIntegerField(_("contracted capacity (W)"))
    injection_limit_w = models.PositiveIntegerField(_("injection limit (W)"), default=0)
    storage_capacity_wh = models.PositiveIntegerField(_("local storage (Wh)"), default=0)
    storage_power_w = models.PositiveIntegerField(_("storage power (W)"), default=0)
    opportunity_cost_per_h = models.DecimalField(
        _("opportunity cost per hour"), max_digits=8, decimal_places=4, default=0
    )
    # Money for each kW of the highest quarter hour drawn in a month; 0: only energy is paid for.
    demand_charge_per_kw = models.DecimalField(
        _("demand charge per kW and month"), max_digits=8, decimal_places=4, default=0
    )
    # The main fuse of each phase; None: phases are not looked at.
    phase_current_a = models.PositiveSmallIntegerField(_("current of a phase (A)"), null=True, blank=True)
    price_zone = models.CharField(_("price zone"), max_length=16, default="DE-LU")

    class Meta:
        ordering = ["name"]
        verbose_name = _("supply point")

    def __str__(self) -> str:
        return self.name
