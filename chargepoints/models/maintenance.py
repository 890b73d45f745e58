"""Firmware, logs and security of a charger."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Ending(models.TextChoices):
    """Why nothing more is awaited of an update or an upload."""

    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    REFUSED = "refused", _("The charger refused.")
    UNDELIVERED = "undelivered", _("The charger did not answer.")
    REPLACED = "replaced", _("Replaced by a newer one.")
    SILENT = "silent", _("The charger never told how it ended.")
    NEW_VERSION = "new_version", _("The charger never told how it ended, but it runs another firmware since.")


class FirmwareUpdate(models.Model):
    """An update that a charger was told to fetch. ``status`` is OCPP's own word for how far it is."""

    charge_point = models.ForeignKey("chargepoints.ChargePoint", models.CASCADE, related_name="firmware_updates")
    command = models.OneToOneField("chargepoints.Command", models.SET_NULL, null=True, related_name="firmware_update")
    request_id = models.BigIntegerField()
    url = models.CharField(_("address"), max_length=512)
    retrieve_at = models.DateTimeField()
    install_at = models.DateTimeField(null=True)
    # Empty for an update without signature (1.6 UpdateFirmware).
    signing_certificate = models.TextField(blank=True)
    signature = models.TextField(blank=True)
    status = models.CharField(_("status"), max_length=32, default="Asked")
    status_at = models.DateTimeField()
    # [[moment, status], ...] as told
    history = models.JSONField(default=list)
    is_over = models.BooleanField(default=False)
    ending = models.CharField(_("end"), max_length=12, choices=Ending.choices, blank=True)
    version_before = models.CharField(max_length=50, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("firmware update")

    def __str__(self) -> str:
        return f"{self.charge_point_id} {self.status}"


class LogUpload(models.Model):
    """A log (or 1.6 diagnostics) that a charger was asked to upload."""

    class Kind(models.TextChoices):
        DIAGNOSTICS = "DiagnosticsLog", _("Diagnostics")
        SECURITY = "SecurityLog", _("Security log")

    charge_point = models.ForeignKey("chargepoints.ChargePoint", models.CASCADE, related_name="log_uploads")
    command = models.OneToOneField("chargepoints.Command", models.SET_NULL, null=True, related_name="log_upload")
    request_id = models.BigIntegerField()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    url = models.CharField(_("address"), max_length=512)
    file_name = models.CharField(max_length=255, blank=True)
    status = models.CharField(_("status"), max_length=32, default="Asked")
    status_at = models.DateTimeField()
    history = models.JSONField(default=list)
    is_over = models.BooleanField(default=False)
    ending = models.CharField(_("end"), max_length=12, choices=Ending.choices, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("log")

    def __str__(self) -> str:
        return f"{self.charge_point_id} {self.kind} {self.status}"


class SecurityEvent(models.Model):
    """What a charger reports of attempts on it (SecurityEventNotification), or what was noticed here."""

    charge_point = models.ForeignKey("chargepoints.ChargePoint", models.CASCADE, related_name="security_events")
    type = models.CharField(_("event"), max_length=50)
    info = models.CharField(max_length=255, blank=True)
    is_critical = models.BooleanField(default=False)
    at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("security event")
        constraints = [
            # A charger that repeats an event after a reconnect tells it once.
            models.UniqueConstraint(fields=["charge_point", "type", "at", "info"], name="security_event_once")
        ]

    def __str__(self) -> str:
        return f"{self.charge_point_id} {self.type}"


class ChargerCertificate(models.Model):
    """A certificate of or in a charger: its own, or a root that it trusts."""

    class Kind(models.TextChoices):
        CHARGE_POINT = "ChargePointCertificate", _("the charger's own")
        CENTRAL_SYSTEM_ROOT = "CentralSystemRootCertificate", _("root of the central system")
        MANUFACTURER_ROOT = "ManufacturerRootCertificate", _("root of the manufacturer")

    class Status(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        SENT = "sent", _("Sent")
        INSTALLED = "installed", _("Installed")
        REFUSED = "refused", _("Refused")
        DELETED = "deleted", _("Deleted")

    charge_point = models.ForeignKey("chargepoints.ChargePoint", models.CASCADE, related_name="certificates")
    command = models.ForeignKey("chargepoints.Command", models.SET_NULL, null=True, related_name="certificates")
    kind = models.CharField(max_length=32, choices=Kind.choices)
    status = models.CharField(max_length=10, choices=Status.choices)
    reason = models.CharField(max_length=200, blank=True)
    signing_request = models.TextField(blank=True)
    pem = models.TextField(blank=True)
    # OCPP's CertificateHashData: hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber
    hash_data = models.JSONField(default=dict)
    valid_to = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    status_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("certificate")

    def __str__(self) -> str:
        return f"{self.charge_point_id} {self.kind} {self.status}"
