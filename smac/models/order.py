"""A grid operator's limit over a window (flex order)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class FlexOrder(models.Model):
    """Power limit for the vehicles at some charge points over a window.

    ``verdict`` keeps the judgement: feasible, least relaxation (kWh, kW), sessions that miss their target.
    """

    class Scope(models.TextChoices):
        EACH = "each", _("for each point")
        TOGETHER = "together", _("for all together")
        # The flow of the whole connection, vehicles or not: under the contracted capacity it limits, above it allows.
        SUPPLY = "supply", _("for each grid connection")

    class Status(models.TextChoices):
        PENDING = "pending", _("Pending")
        SUCCESS = "success", _("Success")
        UNFEASIBLE = "unfeasible", _("Unfeasible")

    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="flex_orders")
    charge_points = models.ManyToManyField("chargepoints.ChargePoint", related_name="flex_orders")
    scope = models.CharField(max_length=8, choices=Scope.choices, default=Scope.EACH)
    max_power_w = models.PositiveIntegerField(_("max. power to vehicles (W)"))
    # The other way round: what the vehicles are to draw at least, to use what the grid has too much of.
    min_power_w = models.PositiveIntegerField(_("min. power to vehicles (W)"), default=0)
    v2g = models.BooleanField(_("V2G where possible"), default=False)
    max_export_w = models.PositiveIntegerField(_("max. power to the grid (W)"), default=0)
    # Not only allowed but asked for, where V2G is: so much less than nothing is the limit.
    wanted_export_w = models.PositiveIntegerField(_("wanted power to the grid (W)"), default=0)
    floor_w = models.PositiveIntegerField(_("floor per point (W)"), default=0)
    mandatory = models.BooleanField(_("mandatory"), default=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    starts_at = models.DateTimeField(_("start"))
    ends_at = models.DateTimeField(_("end"))
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    verdict = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("date"))
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    # A change is a new order: what was told under the old limit stays the old one's, up to its withdrawal.
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("restriction")
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="order_ends_after_start")
        ]
        indexes = [models.Index(fields=["starts_at", "ends_at"], name="order_window")]

    def __str__(self) -> str:
        return f"{self.max_power_w} W {self.starts_at:%Y-%m-%d %H:%M}"


class FlexOrderChange(models.Model):
    """When and why an order moved."""

    order = models.ForeignKey(FlexOrder, models.CASCADE, related_name="changes")
    status = models.CharField(max_length=12)
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    # Who moved it; nobody, where time or the optimiser did.
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.order_id} {self.status}"


class FlexOrderAcceptance(models.Model):
    """Somebody ordered all the same, knowing who misses what: ``missed`` is the verdict's list of then, by name."""

    order = models.ForeignKey(FlexOrder, models.CASCADE, related_name="acceptances")
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField()
    missed = models.JSONField(default=list)

    class Meta:
        ordering = ["accepted_at", "pk"]
        verbose_name = _("acceptance")

    def __str__(self) -> str:
        return f"{self.order_id} {self.accepted_by}"
