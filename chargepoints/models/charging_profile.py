"""What a charger was told, and what it says it follows."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ChargingProfile(models.Model):
    """A profile sent to an EVSE (or, with no EVSE, to the whole charge point). ``periods``: [[start_s, limit_w], …]."""

    class Status(models.TextChoices):
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        REPLACED = "replaced", _("Replaced")
        CLEARED = "cleared", _("Cleared")
        LOST = "lost", _("Lost with a restart")

    class Purpose(models.TextChoices):
        TX = "tx", _("Session")
        TX_DEFAULT = "tx_default", _("Default")
        CHARGE_POINT_MAX = "charge_point_max", _("Charge point")

    charge_point = models.ForeignKey("chargepoints.ChargePoint", models.CASCADE, related_name="charging_profiles")
    evse = models.ForeignKey("chargepoints.Evse", models.CASCADE, null=True, related_name="charging_profiles")
    transaction = models.ForeignKey(
        "chargepoints.Transaction", models.CASCADE, null=True, related_name="charging_profiles"
    )
    command = models.OneToOneField("chargepoints.Command", models.SET_NULL, null=True, related_name="charging_profile")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.SENT)
    reason = models.CharField(max_length=200, blank=True)
    stack_level = models.PositiveSmallIntegerField(default=0)
    starts_at = models.DateTimeField()
    valid_to = models.DateTimeField(null=True)
    # "daily", "weekly"; empty: the schedule runs once.
    recurrency = models.CharField(max_length=6, blank=True)
    periods = models.JSONField()
    # The plan itself where the charger could not be told all of it at once; empty: ``periods`` is the plan.
    planned_periods = models.JSONField(default=list)
    duration_s = models.PositiveIntegerField(null=True)
    # What had to be left out for this charger, in the words of domain.profile_limits.Adaptation, by commas.
    adaptations = models.CharField(max_length=120, blank=True)
    # Sent again because the charger did not follow the first one: there is no third time.
    is_repeat = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("charging profile")

    def __str__(self) -> str:
        return f"{self.charge_point_id} {self.purpose} {self.created_at:%H:%M}"


class CompositeSchedule(models.Model):
    """The answer to GetCompositeSchedule. ``periods``: [[start_s, limit_w], …]."""

    evse = models.ForeignKey("chargepoints.Evse", models.CASCADE, related_name="composite_schedules")
    starts_at = models.DateTimeField()
    duration_s = models.PositiveIntegerField()
    periods = models.JSONField()
    # The same computed here from what the charger accepted; ``difference_w`` is the largest distance between the two.
    expected_periods = models.JSONField(default=list)
    difference_w = models.FloatField(null=True)
    difference_at = models.DateTimeField(null=True)
    # It differs although the profiles were sent again: somebody has to look.
    is_persistent = models.BooleanField(default=False)
    read_at = models.DateTimeField()

    class Meta:
        ordering = ["-read_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.evse_id} {self.read_at:%H:%M}"


class ExternalLimit(models.Model):
    """A limit that did not come from here: a building's energy manager or the grid, told by the charger."""

    charge_point = models.ForeignKey("chargepoints.ChargePoint", models.CASCADE, related_name="external_limits")
    evse = models.ForeignKey("chargepoints.Evse", models.CASCADE, null=True, related_name="external_limits")
    source = models.CharField(max_length=16)
    is_grid_critical = models.BooleanField(null=True)
    starts_at = models.DateTimeField()
    periods = models.JSONField(default=list)
    reported_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-reported_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.charge_point_id} {self.source}"


class ReportedProfile(models.Model):
    """A profile that a 2.0.1 charger said it has (ReportChargingProfiles), whoever put it there."""

    charge_point = models.ForeignKey("chargepoints.ChargePoint", models.CASCADE, related_name="reported_profiles")
    evse_number = models.PositiveSmallIntegerField()
    request_id = models.BigIntegerField()
    profile_id = models.BigIntegerField()
    purpose = models.CharField(max_length=40)
    source = models.CharField(max_length=16)
    stack_level = models.PositiveSmallIntegerField(default=0)
    payload = models.JSONField()
    reported_at = models.DateTimeField()

    class Meta:
        ordering = ["-reported_at", "evse_number", "profile_id"]

    def __str__(self) -> str:
        return f"{self.charge_point_id} {self.purpose} {self.profile_id}"
