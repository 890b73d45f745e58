"""Transactions and what the meter said."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.transaction import TransactionState


class Transaction(models.Model):
    """One charging transaction, from the charger's start to its stop.

    ``remote_id`` is what the charger calls it: its own id in 2.0.1, our primary key as text in 1.6.
    """

    class State(models.TextChoices):
        ACTIVE = TransactionState.ACTIVE.value, _("Charging")
        ENDED = TransactionState.ENDED.value, _("Finished")
        QUARANTINED = TransactionState.QUARANTINED.value, _("To be checked")

    charge_point = models.ForeignKey("chargepoints.ChargePoint", models.PROTECT, related_name="transactions")
    evse = models.ForeignKey("chargepoints.Evse", models.PROTECT, null=True, related_name="transactions")
    connector = models.ForeignKey("chargepoints.Connector", models.PROTECT, null=True, related_name="transactions")
    remote_id = models.CharField(max_length=36)
    state = models.CharField(max_length=12, choices=State.choices, default=State.ACTIVE)
    charging_state = models.CharField(max_length=16, blank=True)
    token = models.CharField(_("token"), max_length=36, blank=True)
    id_token = models.ForeignKey("chargepoints.IdToken", models.SET_NULL, null=True, related_name="transactions")
    driver = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="transactions")
    reservation = models.ForeignKey("chargepoints.Reservation", models.SET_NULL, null=True, related_name="transactions")
    remote_start_id = models.BigIntegerField(null=True)
    started_at = models.DateTimeField(_("start"))
    ended_at = models.DateTimeField(_("end"), null=True)
    meter_start_wh = models.FloatField(null=True)
    meter_stop_wh = models.FloatField(null=True)
    energy_wh = models.FloatField(_("energy"), default=0)
    export_wh = models.FloatField(default=0)
    power_w = models.FloatField(default=0)
    soc_percent = models.FloatField(null=True)
    last_value_at = models.DateTimeField(null=True)
    # When and by how much the meter showed more than the limit in force; None: it never did.
    over_limit_at = models.DateTimeField(null=True)
    over_limit_w = models.FloatField(null=True)
    # Whether the car gives energy back, by the charger's own word.
    v2g_capable = models.BooleanField(null=True)
    stop_reason = models.CharField(max_length=32, blank=True)
    last_seq_no = models.IntegerField(null=True)
    flaw = models.CharField(max_length=200, blank=True)
    was_offline = models.BooleanField(default=False)
    # What a 2.0.1 charger says when asked: whether it still has messages of this transaction to deliver.
    messages_in_queue = models.BooleanField(null=True)
    cost_amount = models.DecimalField(_("cost"), max_digits=10, decimal_places=2, null=True)
    cost_currency = models.CharField(max_length=3, blank=True)
    cost_components = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name = _("transaction")
        constraints = [
            models.UniqueConstraint(fields=["charge_point", "remote_id"], name="transaction_remote_id_unique"),
        ]
        indexes = [
            models.Index(fields=["charge_point", "state"], name="transaction_of_charge_point"),
            models.Index(fields=["-started_at", "-id"], name="transaction_by_start"),
        ]

    def __str__(self) -> str:
        return f"{self.charge_point_id}:{self.remote_id}"


class MeterValue(models.Model):
    """One sample in base units; the unique key makes a resent one count once.

    Rows come by the hundred million: no index that begins like another one, and no check of each
    row's keys: they come out of the rows that they name, in the same statement.
    """

    charge_point = models.ForeignKey(
        "chargepoints.ChargePoint", models.CASCADE, related_name="meter_values", db_index=False, db_constraint=False
    )
    evse_number = models.PositiveSmallIntegerField()
    transaction = models.ForeignKey(
        Transaction, models.CASCADE, null=True, related_name="meter_values", db_index=False, db_constraint=False
    )
    at = models.DateTimeField()
    measurand = models.CharField(max_length=40)
    phase = models.CharField(max_length=8, blank=True)
    location = models.CharField(max_length=12, blank=True)
    context = models.CharField(max_length=24, blank=True)
    value = models.FloatField()
    unit = models.CharField(max_length=12, blank=True)
    flaw = models.CharField(max_length=24, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["charge_point", "evse_number", "at", "measurand", "phase", "location", "context"],
                name="meter_value_counts_once",
            )
        ]
        indexes = [models.Index(fields=["transaction", "measurand", "at"], name="meter_value_of_transaction")]

    def __str__(self) -> str:
        return f"{self.measurand} {self.value} {self.unit}"


class SignedMeterValue(models.Model):
    """A signed reading exactly as the charger sent it: calibration law asks for the untouched text."""

    charge_point = models.ForeignKey("chargepoints.ChargePoint", models.CASCADE, related_name="signed_meter_values")
    evse_number = models.PositiveSmallIntegerField()
    transaction = models.ForeignKey(Transaction, models.CASCADE, null=True, related_name="signed_meter_values")
    at = models.DateTimeField()
    context = models.CharField(max_length=24, blank=True)
    measurand = models.CharField(max_length=40, blank=True)
    signing_method = models.CharField(max_length=50, blank=True)
    encoding_method = models.CharField(max_length=50, blank=True)
    public_key = models.TextField(blank=True)
    data = models.TextField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["charge_point", "evse_number", "at", "context", "digest"], name="signed_meter_value_counts_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.charge_point_id} {self.at:%H:%M} {self.encoding_method}"
