"""The life of a charge session as the driver sees it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ChargeSession(models.Model):
    """From the press of "Charge" to "Pick up vehicle". ``quote`` is what was promised before the start."""

    class State(models.TextChoices):
        STARTING = "starting", _("Starting")
        CHARGING = "charging", _("Charging")
        FINISHED = "finished", _("Finished")
        PICKED_UP = "picked_up", _("Picked up")
        FAILED = "failed", _("Not started")

    class Failure(models.TextChoices):
        """Why a session never began; ``failure`` says it in words."""

        REFUSED = "refused", _("refused by the charger")
        NO_ANSWER = "no_answer", _("no answer from the charger")
        NOT_PLUGGED = "no_plug", _("no vehicle plugged in")
        GIVEN_UP = "given_up", _("given up by the driver")

    driver = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="charge_sessions")
    vehicle = models.ForeignKey("drivers.Vehicle", models.SET_NULL, null=True, related_name="charge_sessions")
    evse = models.ForeignKey("chargepoints.Evse", models.PROTECT, related_name="charge_sessions")
    reservation = models.ForeignKey(
        "chargepoints.Reservation", models.SET_NULL, null=True, related_name="charge_sessions"
    )
    need = models.OneToOneField("smac.ChargingNeed", models.PROTECT, related_name="charge_session")
    transaction = models.OneToOneField(
        "chargepoints.Transaction", models.SET_NULL, null=True, related_name="charge_session"
    )
    command = models.ForeignKey("chargepoints.Command", models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.STARTING)
    requested_at = models.DateTimeField()
    planned_end_at = models.DateTimeField()
    stop_requested_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    pick_up_by = models.DateTimeField(null=True)
    picked_up_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=200, blank=True)
    failure_code = models.CharField(max_length=9, choices=Failure.choices, blank=True)
    # A charge card started it at the charger: nobody pressed "Charge", so wish and vehicle are assumed until told.
    started_by_card = models.BooleanField(default=False)
    # Green share and CO2 of what was charged, once it is over: drivers/services/footprint.py.
    footprint = models.JSONField(default=dict, blank=True)
    quote = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-requested_at", "-pk"]
        verbose_name = _("charge session")
        constraints = [
            models.UniqueConstraint(
                fields=["driver"],
                condition=Q(state__in=["starting", "charging", "finished"]),
                name="driver_has_one_open_session",
            )
        ]

    def __str__(self) -> str:
        return f"{self.driver_id} {self.state}"

    @property
    def has_wish(self) -> bool:
        """Whether the driver said what the session is to reach, and by when."""
        return not self.started_by_card or bool(self.quote)
