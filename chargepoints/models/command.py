"""Commands: the row is the truth, the message is a nudge."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chargepoints.domain import intents
from chargepoints.domain.command import CommandStatus


class Command(models.Model):
    """A wish towards a charger and its outcome. The primary key is sent as the OCPP message id."""

    class Kind(models.TextChoices):
        REMOTE_START = "remote_start", _("Start charging")
        REMOTE_STOP = "remote_stop", _("Stop charging")
        RESERVE_NOW = "reserve_now", _("Reserve")
        CANCEL_RESERVATION = "cancel_reservation", _("Cancel reservation")
        SET_CHARGING_PROFILE = "set_charging_profile", _("Set charging profile")
        CLEAR_CHARGING_PROFILE = "clear_charging_profile", _("Clear charging profile")
        GET_COMPOSITE_SCHEDULE = "get_composite_schedule", _("Read back schedule")
        UNLOCK = "unlock", _("Unlock connector")
        TRIGGER = "trigger", _("Ask for a message")
        RESET = "reset", _("Restart charger")
        CHANGE_AVAILABILITY = "change_availability", _("Change availability")
        CONFIGURE = "configure", _("Change configuration")
        SET_SECRET = "set_secret", _("Change password")
        GET_VARIABLES = "get_variables", _("Read configuration")
        SET_VARIABLES = "set_variables", _("Change several settings")
        GET_REPORT = "get_report", _("Ask for a report")
        SET_NETWORK_PROFILE = "set_network_profile", _("Set network connection")
        CLEAR_CACHE = "clear_cache", _("Clear authorisation cache")
        SEND_LOCAL_LIST = "send_local_list", _("Send local list")
        GET_LOCAL_LIST_VERSION = "get_local_list_version", _("Ask for local list version")
        GET_TRANSACTION_STATUS = "get_transaction_status", _("Ask for transaction status")
        GET_CHARGING_PROFILES = "get_charging_profiles", _("Ask for charging profiles")
        UPDATE_FIRMWARE = "update_firmware", _("Update firmware")
        GET_LOG = "get_log", _("Ask for a log")
        DATA_TRANSFER = "data_transfer", _("Vendor's message")
        INSTALL_CERTIFICATE = "install_certificate", _("Install certificate")
        DELETE_CERTIFICATE = "delete_certificate", _("Delete certificate")
        GET_INSTALLED_CERTIFICATES = "get_installed_certificates", _("Ask for certificates")
        SEND_SIGNED_CERTIFICATE = "send_signed_certificate", _("Send signed certificate")

    class Status(models.TextChoices):
        QUEUED = CommandStatus.QUEUED.value, _("Waiting")
        SENT = CommandStatus.SENT.value, _("Sent")
        ACCEPTED = CommandStatus.ACCEPTED.value, _("Accepted")
        REJECTED = CommandStatus.REJECTED.value, _("Refused")
        FAILED = CommandStatus.FAILED.value, _("Failed")
        TIMED_OUT = CommandStatus.TIMED_OUT.value, _("No answer")
        EXPIRED = CommandStatus.EXPIRED.value, _("Expired")
        SUPERSEDED = CommandStatus.SUPERSEDED.value, _("Replaced")
        CANCELLED = CommandStatus.CANCELLED.value, _("Cancelled")

    charge_point = models.ForeignKey("chargepoints.ChargePoint", models.CASCADE, related_name="commands")
    transaction = models.ForeignKey(
        "chargepoints.Transaction", models.SET_NULL, null=True, blank=True, related_name="commands"
    )
    kind = models.CharField(_("type"), max_length=32, choices=Kind.choices)
    payload = models.JSONField(default=dict)
    status = models.CharField(_("result"), max_length=10, choices=Status.choices, default=Status.QUEUED)
    result = models.JSONField(default=dict, blank=True)
    error = models.CharField(max_length=250, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    # The reason as data of whoever decided (a plan's): words are made from it in the reader's language.
    cause = models.JSONField(default=dict, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    supersede_key = models.CharField(max_length=64, blank=True)
    claimed_by = models.CharField(max_length=36, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()
    updated_at = models.DateTimeField(_("last update"), auto_now=True)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("command")
        indexes = [models.Index(fields=["charge_point", "status", "id"], name="command_queue")]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def intent(self) -> intents.Intent:
        return intents.from_payload(self.kind, self.payload)


class CommandChange(models.Model):
    """When and why a command moved."""

    command = models.ForeignKey(Command, models.CASCADE, related_name="changes")
    status = models.CharField(max_length=10, choices=Command.Status.choices)
    note = models.CharField(max_length=250, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.command_id} {self.status}"
