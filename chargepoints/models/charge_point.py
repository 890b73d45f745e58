"""Charge points, their EVSEs and connectors."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.status import ConnectorStatus
from chargepoints.models.location import Location


class ChargePoint(models.Model):
    """A charger that speaks OCPP."""

    class Registration(models.TextChoices):
        PENDING = "pending", _("Pending")
        ACCEPTED = "accepted", _("Accepted")
        REJECTED = "rejected", _("Rejected")

    class SecurityProfile(models.IntegerChoices):
        """OCPP 1.6 security whitepaper 1.2, OCPP 2.0.1 part 2 A.1.3."""

        NONE = 0, _("No password")
        BASIC = 1, _("Password")
        TLS = 2, _("Password over TLS")
        CERTIFICATE = 3, _("Own certificate over TLS")

    class OfflineBehaviour(models.TextChoices):
        """Whom a charger lets charge while it cannot ask."""

        KNOWN = "known", _("Cards that it knows")
        ANYBODY = "anybody", _("Everybody")
        NOBODY = "nobody", _("Nobody")

    identity = models.CharField(_("identifier"), max_length=48, unique=True)
    supply_point = models.ForeignKey("chargepoints.SupplyPoint", models.PROTECT, related_name="charge_points")
    tariff = models.ForeignKey(
        "chargepoints.Tariff", models.PROTECT, null=True, blank=True, related_name="charge_points"
    )
    latitude = models.FloatField(_("latitude"))
    longitude = models.FloatField(_("longitude"))
    secret_hash = models.CharField(max_length=200, blank=True)
    # A secret on its way to the charger: both are good until the charger has used the new one.
    pending_secret_hash = models.CharField(max_length=200, blank=True)
    secret_changed_at = models.DateTimeField(null=True, blank=True)
    security_profile = models.PositiveSmallIntegerField(
        _("security profile"), choices=SecurityProfile.choices, default=SecurityProfile.BASIC
    )
    # The charger took it on: it holds from the first connection that lives up to it.
    pending_security_profile = models.PositiveSmallIntegerField(null=True, blank=True, choices=SecurityProfile.choices)
    offline_behaviour = models.CharField(
        _("while offline"), max_length=8, choices=OfflineBehaviour.choices, default=OfflineBehaviour.KNOWN
    )
    # What the charger holds, None while that is not known; -1: it keeps no list.
    local_list_version = models.IntegerField(_("local list"), null=True, blank=True)
    # Of the tokens that it was last brought in step with (or refused to take); empty: it has to be told.
    local_list_digest = models.CharField(max_length=64, blank=True)
    local_list_asked_at = models.DateTimeField(null=True, blank=True)
    # Names in the tables of dialects and quirks; empty: found at boot by vendor, model and firmware.
    dialect = models.CharField(_("V2G dialect"), max_length=24, blank=True)
    dialect_is_fixed = models.BooleanField(default=False)
    boot_reason = models.CharField(max_length=24, blank=True)
    # Vendor, model and firmware for which its settings were asked: another firmware has other ones.
    inventory_of = models.CharField(max_length=152, blank=True)
    ocpp_version = models.CharField(_("OCPP version"), max_length=8, blank=True)
    registration = models.CharField(max_length=10, choices=Registration.choices, default=Registration.ACCEPTED)
    vendor = models.CharField(max_length=50, blank=True)
    model = models.CharField(max_length=50, blank=True)
    serial_number = models.CharField(max_length=50, blank=True)
    firmware_version = models.CharField(max_length=50, blank=True)
    # The link: which connection is the live one (a newer replaces an older), and when anything was last heard.
    connection_key = models.CharField(max_length=36, blank=True)
    connected_at = models.DateTimeField(null=True, blank=True)
    disconnected_at = models.DateTimeField(null=True, blank=True)
    last_heard_at = models.DateTimeField(_("last heard"), null=True, blank=True)
    booted_at = models.DateTimeField(null=True, blank=True)
    # When what follows from a boot or a connection was seen to last: its profiles above all.
    attended_at = models.DateTimeField(null=True, blank=True, editable=False)
    heartbeat_interval_s = models.PositiveIntegerField(_("heartbeat interval (s)"), default=300)
    default_limit_w = models.PositiveIntegerField(_("safe default limit (W)"), default=4200)
    default_limit_sent_at = models.DateTimeField(null=True, blank=True)
    can_defer = models.BooleanField(_("deferred charge"), default=True)
    can_pause = models.BooleanField(_("charge pause"), default=True)
    can_limit = models.BooleanField(_("charge limitation"), default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["identity"]
        verbose_name = _("charge point")
        indexes = [
            models.Index(fields=["latitude", "longitude"], name="charge_point_position"),
            models.Index(Upper("identity"), name="charge_point_any_case"),
        ]

    def __str__(self) -> str:
        return self.identity

    @property
    def is_connected(self) -> bool:
        return bool(self.connection_key)

    @property
    def location(self) -> Location:
        return self.supply_point.location


class Evse(models.Model):
    """A part of a charge point that serves one vehicle at a time (an OCPP 1.6 connector is one EVSE here)."""

    charge_point = models.ForeignKey(ChargePoint, models.CASCADE, related_name="evses")
    number = models.PositiveSmallIntegerField(_("number"))
    max_power_w = models.PositiveIntegerField(_("max. power (W)"))
    min_power_w = models.PositiveIntegerField(_("min. power (W)"), default=0)
    max_discharge_w = models.PositiveIntegerField(_("max. discharge power (W)"), default=0)
    phases = models.PositiveSmallIntegerField(_("phases"), default=3)
    # The grid's phase that its L1 hangs on (phase rotation), for vehicles that use one phase only; None: not known.
    first_phase = models.PositiveSmallIntegerField(_("first phase"), null=True, blank=True)

    class Meta:
        ordering = ["charge_point", "number"]
        verbose_name = "EVSE"
        constraints = [models.UniqueConstraint(fields=["charge_point", "number"], name="evse_number_unique")]

    def __str__(self) -> str:
        return f"{self.charge_point.identity}/{self.number}"


class Connector(models.Model):
    """A socket or cable of an EVSE."""

    class Standard(models.TextChoices):
        """OCPI 2.2.1 connector standards."""

        TYPE2 = "IEC_62196_T2", _("Type 2")
        CCS = "IEC_62196_T2_COMBO", "CCS"
        CHADEMO = "CHADEMO", "CHAdeMO"
        TYPE1 = "IEC_62196_T1", _("Type 1")
        SCHUKO = "DOMESTIC_F", "Schuko"
        TESLA = "TESLA_S", "Tesla"

    class Status(models.TextChoices):
        UNKNOWN = ConnectorStatus.UNKNOWN.value, _("Unknown")
        AVAILABLE = ConnectorStatus.AVAILABLE.value, _("Available")
        PREPARING = ConnectorStatus.PREPARING.value, _("Preparing")
        CHARGING = ConnectorStatus.CHARGING.value, _("Charging")
        SUSPENDED_EV = ConnectorStatus.SUSPENDED_EV.value, _("Paused by the car")
        SUSPENDED_EVSE = ConnectorStatus.SUSPENDED_EVSE.value, _("Paused by the plan")
        FINISHING = ConnectorStatus.FINISHING.value, _("Finishing")
        RESERVED = ConnectorStatus.RESERVED.value, _("Reserved")
        UNAVAILABLE = ConnectorStatus.UNAVAILABLE.value, _("Out of service")
        FAULTED = ConnectorStatus.FAULTED.value, _("Fault")

    evse = models.ForeignKey(Evse, models.CASCADE, related_name="connectors")
    number = models.PositiveSmallIntegerField(_("number"), default=1)
    standard = models.CharField(_("charger type"), max_length=24, choices=Standard.choices, default=Standard.TYPE2)
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.UNKNOWN)
    status_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=50, blank=True)

    class Meta:
        ordering = ["evse", "number"]
        verbose_name = _("connector")
        constraints = [models.UniqueConstraint(fields=["evse", "number"], name="connector_number_unique")]

    def __str__(self) -> str:
        return f"{self.evse}/{self.number}"
