"""A driver's wish, as the optimiser takes it."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ChargingNeed(models.Model):
    """What a session must reach by when. Announced until its transaction runs, closed when it ended."""

    class Mode(models.TextChoices):
        BASIC = "basic", _("Basic")
        CHEAP = "cheap", _("Cheap")
        FAST = "fast", _("Fast")
        GREEN = "green", _("Green")

    class Status(models.TextChoices):
        ANNOUNCED = "announced", _("Announced")
        RUNNING = "running", _("Running")
        CLOSED = "closed", _("Closed")

    class SocOrigin(models.TextChoices):
        """Where the charge at the start is known from."""

        STATED = "stated", _("said by the driver")
        METER = "meter", _("told by the car")
        LAST_SESSION = "last", _("from the last session")
        TYPICAL = "typical", _("a typical value")

    evse = models.ForeignKey("chargepoints.Evse", models.CASCADE, related_name="charging_needs")
    transaction = models.OneToOneField(
        "chargepoints.Transaction", models.SET_NULL, null=True, related_name="charging_need"
    )
    driver = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="charging_needs")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ANNOUNCED)
    mode = models.CharField(_("mode"), max_length=6, choices=Mode.choices, default=Mode.BASIC)
    stated_at = models.DateTimeField()
    departure_at = models.DateTimeField()
    # Unknown for a car that came with a card only: then capacity and charge are assumed and ``is_assumed`` says so.
    is_assumed = models.BooleanField(default=False)
    battery_capacity_wh = models.PositiveIntegerField()
    soc_percent = models.FloatField()
    soc_origin = models.CharField(max_length=8, choices=SocOrigin.choices, default=SocOrigin.STATED)
    # Plus or minus so many percentage points.
    soc_uncertainty_percent = models.FloatField(default=5)
    target_soc_percent = models.FloatField()
    max_charge_w = models.PositiveIntegerField()
    min_charge_w = models.PositiveIntegerField(default=0)
    max_discharge_w = models.PositiveIntegerField(default=0)
    v2g_allowed = models.BooleanField(default=False)
    floor_soc_percent = models.FloatField(default=20)
    # Phases that the car uses; None: told from its power.
    phases = models.PositiveSmallIntegerField(null=True)
    # From socket to battery and back: 8 to 12 per cent of AC energy never arrive.
    charge_efficiency = models.FloatField(default=0.92)
    discharge_efficiency = models.FloatField(default=0.92)
    # From here on the battery takes less and less; None: as usual for AC or DC. 100: never.
    taper_from_percent = models.FloatField(null=True)
    # What a kWh given back costs the battery.
    wear_cost_per_kwh = models.DecimalField(max_digits=6, decimal_places=4, default=Decimal("0.05"))
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-stated_at", "-pk"]
        indexes = [models.Index(fields=["evse", "status"], name="need_of_evse")]
        constraints = [
            models.UniqueConstraint(
                fields=["evse"], condition=models.Q(status="running"), name="evse_serves_one_running_need"
            )
        ]

    def __str__(self) -> str:
        return f"{self.evse_id} {self.mode} {self.target_soc_percent:.0f} %"


class NeedTarget(models.Model):
    """A charge to be reached on the way, before the departure: half full by noon, say."""

    need = models.ForeignKey(ChargingNeed, models.CASCADE, related_name="targets")
    at = models.DateTimeField()
    soc_percent = models.FloatField()

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["need", "at"], name="need_has_one_target_a_moment")]

    def __str__(self) -> str:
        return f"{self.soc_percent:.0f} % {self.at:%H:%M}"
