"""Who may order what on the grid."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from gridops.machine_models import MachineToken, OrderKey, ServerEvent, ServerLink

__all__ = ["GridOperator", "MachineToken", "OrderKey", "ServerEvent", "ServerLink"]


class GridOperator(models.Model):
    """A person at the grid operator. Rights come from the groups: a node gives its whole branch."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="grid_operator")
    groups = models.ManyToManyField("chargepoints.ChargePointGroup", blank=True, related_name="grid_operators")
    is_administrator = models.BooleanField(_("administrator"), default=False)

    class Meta:
        verbose_name = _("grid operator")

    def __str__(self) -> str:
        return str(self.user)
