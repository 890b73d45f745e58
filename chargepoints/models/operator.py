"""Who owns and who may see."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Operator(models.Model):
    """A charge point operator (CPO): the tenant."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    # Tokens of this group may end any session at the operator's chargers and start none (OCPP 2.0.1 C16).
    master_pass_group = models.CharField(_("master pass group"), max_length=36, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = _("operator")

    def __str__(self) -> str:
        return self.name


class OperatorStaff(models.Model):
    """A person who works for an operator and sees what is its own."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="operator_staff")
    operator = models.ForeignKey(Operator, models.CASCADE, related_name="staff")

    class Meta:
        verbose_name = _("staff")

    def __str__(self) -> str:
        return f"{self.user} · {self.operator}"


class ChargePointGroup(models.Model):
    """A node of the tree that carries the grid operators' rights: a node gives its whole branch."""

    parent = models.ForeignKey("self", models.CASCADE, null=True, blank=True, related_name="children")
    name = models.CharField(_("name"), max_length=120)
    # A feeder or a transformer: what the supply points with charge points in this branch draw or give back together.
    capacity_w = models.PositiveIntegerField(_("capacity (W)"), null=True, blank=True)
    export_capacity_w = models.PositiveIntegerField(_("capacity to the grid (W)"), null=True, blank=True)
    charge_points = models.ManyToManyField("chargepoints.ChargePoint", blank=True, related_name="groups")

    class Meta:
        ordering = ["name"]
        verbose_name = _("charge point group")
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="group_name_unique_in_parent"),
            models.CheckConstraint(
                condition=models.Q(capacity_w__isnull=True) | models.Q(capacity_w__gt=0),
                name="group_capacity_above_zero",
            ),
        ]

    def __str__(self) -> str:
        return self.name
