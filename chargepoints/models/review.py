"""What staff decided about facts that make no sense."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TransactionReview(models.Model):
    """Who decided what about a doubtful transaction, and when; a row for each decision, none is ever changed.

    It holds for the facts that were looked at: when others come (``services.reviews``), somebody has to look again.
    """

    class Decision(models.TextChoices):
        ACCEPTED = "accepted", _("Billed")
        DECLINED = "declined", _("Not billed")
        SEEN = "seen", _("Looked at")

    transaction = models.ForeignKey("chargepoints.Transaction", models.CASCADE, related_name="reviews")
    decision = models.CharField(_("decision"), max_length=8, choices=Decision.choices)
    # What was looked at: the flaw, and the energy (Wh) that was believed and doubted.
    flaw = models.CharField(max_length=200)
    energy_wh = models.FloatField()
    doubted_wh = models.FloatField(default=0)
    note = models.CharField(_("note"), max_length=200, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("review")

    def __str__(self) -> str:
        return f"{self.transaction_id} {self.decision}"
