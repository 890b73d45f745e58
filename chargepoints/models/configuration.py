"""What a charger says of its own settings and parts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DeviceVariable(models.Model):
    """One variable of the device model (2.0.1 part 1 ch. 4), or one configuration key of 1.6 (no component then)."""

    class Mutability(models.TextChoices):
        READ_ONLY = "ReadOnly", _("read only")
        WRITE_ONLY = "WriteOnly", _("write only")
        READ_WRITE = "ReadWrite", _("may be changed")

    charge_point = models.ForeignKey("chargepoints.ChargePoint", models.CASCADE, related_name="variables")
    component = models.CharField(max_length=50, blank=True)
    component_instance = models.CharField(max_length=50, blank=True)
    evse_number = models.PositiveSmallIntegerField(default=0)
    connector_number = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("name"), max_length=50)
    instance = models.CharField(max_length=50, blank=True)
    attribute = models.CharField(max_length=8, default="Actual")
    value = models.TextField(_("value"), blank=True)
    mutability = models.CharField(max_length=9, choices=Mutability.choices, default=Mutability.READ_WRITE)
    data_type = models.CharField(max_length=16, blank=True)
    unit = models.CharField(max_length=16, blank=True)
    min_limit = models.FloatField(null=True)
    max_limit = models.FloatField(null=True)
    values_list = models.TextField(blank=True)
    # Set and accepted, in force after the next restart.
    needs_reboot = models.BooleanField(default=False)
    # Why the charger refused to tell or to set it, in OCPP's word; empty: it did.
    refusal = models.CharField(max_length=24, blank=True)
    reported_at = models.DateTimeField()

    class Meta:
        ordering = ["component", "component_instance", "evse_number", "connector_number", "name", "instance"]
        verbose_name = _("setting")
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "charge_point",
                    "component",
                    "component_instance",
                    "evse_number",
                    "connector_number",
                    "name",
                    "instance",
                    "attribute",
                ],
                name="device_variable_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.component}.{self.name}" if self.component else self.name


class DeviceReport(models.Model):
    """A report that a 2.0.1 charger was asked for: it comes in parts (NotifyReport)."""

    class Status(models.TextChoices):
        ASKED = "asked", _("Asked")
        RUNNING = "running", _("Coming in")
        COMPLETE = "complete", _("Complete")
        EMPTY = "empty", _("Nothing to report")
        REFUSED = "refused", _("Refused")

    charge_point = models.ForeignKey("chargepoints.ChargePoint", models.CASCADE, related_name="device_reports")
    command = models.OneToOneField("chargepoints.Command", models.SET_NULL, null=True, related_name="device_report")
    request_id = models.BigIntegerField()
    kind = models.CharField(max_length=24)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ASKED)
    parts = models.PositiveIntegerField(default=0)
    # Parts come in any order and more than once: [number, ...], and the number of the last, None before it came.
    seen_parts = models.JSONField(default=list)
    last_part = models.PositiveIntegerField(null=True)
    variables = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["charge_point", "request_id"], name="device_report_request_unique")
        ]

    def __str__(self) -> str:
        return f"{self.charge_point_id} {self.kind} {self.status}"
