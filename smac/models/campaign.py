"""Demand response: a grid operator's offer to the drivers of an area, and who takes part in it."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Campaign(models.Model):
    """An offer over a window of whole quarter hours: so much less, or more, power of all who take part together.

    ``incentive_per_kwh`` is paid for energy moved out of the window (or into it), never more than ``budget`` in all.
    """

    class Direction(models.TextChoices):
        LESS = "less", _("less power")
        MORE = "more", _("more power")

    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="campaigns")
    charge_points = models.ManyToManyField("chargepoints.ChargePoint", related_name="campaigns")
    direction = models.CharField(_("wanted"), max_length=4, choices=Direction.choices, default=Direction.LESS)
    wanted_w = models.PositiveIntegerField(_("wanted change (W)"))
    incentive_per_kwh = models.DecimalField(_("incentive"), max_digits=6, decimal_places=4)
    budget = models.DecimalField(_("budget"), max_digits=10, decimal_places=2)
    currency = models.CharField(max_length=3, default="EUR")
    message = models.CharField(_("message to the drivers"), max_length=200, blank=True)
    starts_at = models.DateTimeField(_("start"))
    ends_at = models.DateTimeField(_("end"))
    created_at = models.DateTimeField(_("date"))
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("demand response offer")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="campaign_ends_after_start"),
            models.CheckConstraint(condition=Q(wanted_w__gt=0, budget__gt=0), name="campaign_wants_and_pays"),
        ]
        indexes = [models.Index(fields=["ends_at"], condition=Q(settled_at=None), name="campaigns_to_settle")]

    def __str__(self) -> str:
        return f"{self.direction} {self.wanted_w} W {self.starts_at:%Y-%m-%d %H:%M}"


class Participation(models.Model):
    """A driver's answer, and once a session of theirs takes part: its baseline, its promise, what came of it.

    ``baseline_w``, ``promised_w`` and ``measured_w`` are mean powers by quarter hour from ``starts_at`` on; a measured
    one is None where no meter tells. The baseline is the plan without the offer, kept as it was at the opting in.
    """

    class State(models.TextChoices):
        IN = "in", _("Takes part")
        OUT = "out", _("Does not take part")
        SETTLED = "settled", _("Settled")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="participations")
    # Nobody once the driver's data is erased: the operator's sums stay as they are.
    driver = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="participations")
    need = models.ForeignKey("smac.ChargingNeed", models.SET_NULL, null=True, related_name="participations")
    state = models.CharField(max_length=8, choices=State.choices, default=State.IN)
    by_preference = models.BooleanField(default=False)
    answered_at = models.DateTimeField()
    # When a session was last looked at that could help, and could not.
    tried_at = models.DateTimeField(null=True, blank=True)
    joined_at = models.DateTimeField(null=True, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    baseline_w = models.JSONField(default=list, blank=True)
    promised_w = models.JSONField(default=list, blank=True)
    measured_w = models.JSONField(default=list, blank=True)
    promised_wh = models.PositiveIntegerField(default=0)
    committed = models.DecimalField(max_digits=10, decimal_places=2, default=Decimal("0.00"))
    delivered_wh = models.PositiveIntegerField(null=True, blank=True)
    incentive = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["answered_at", "pk"]
        verbose_name = _("participation")
        constraints = [models.UniqueConstraint(fields=["campaign", "driver"], name="driver_answers_a_campaign_once")]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.driver_id} {self.state}"


class OfferPreference(models.Model):
    """What a driver wants to happen with offers, until told otherwise."""

    class Choice(models.TextChoices):
        ASK = "ask", _("Ask me each time")
        ALWAYS = "always", _("Always take part")
        NEVER = "never", _("Never, and do not tell me")

    driver = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="offer_preference")
    choice = models.CharField(_("Offers of the grid operator"), max_length=6, choices=Choice.choices)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name = _("preference for offers")

    def __str__(self) -> str:
        return f"{self.driver_id} {self.choice}"
