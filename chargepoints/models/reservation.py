"""Reservations: one open reservation an EVSE, held by the database."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.reservation import ACCEPTED, CANNOT_HOLD, NO_ANSWER, ReservationStatus


class Reservation(models.Model):
    class Status(models.TextChoices):
        ACTIVE = ReservationStatus.ACTIVE.value, _("Active")
        IN_USE = ReservationStatus.IN_USE.value, _("In use")
        DONE = ReservationStatus.DONE.value, _("Done")
        CANCELLED = ReservationStatus.CANCELLED.value, _("Cancelled")
        NOT_USED = ReservationStatus.NOT_USED.value, _("Not used")

    evse = models.ForeignKey("chargepoints.Evse", models.PROTECT, related_name="reservations")
    driver = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="reservations")
    id_token = models.ForeignKey("chargepoints.IdToken", models.PROTECT, related_name="reservations")
    vehicle_name = models.CharField(_("vehicle"), max_length=80, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.ACTIVE)
    reserved_at = models.DateTimeField(_("date"))
    expires_at = models.DateTimeField(_("until"))
    closed_at = models.DateTimeField(null=True)
    # What the charger itself said to ReserveNow; a charger that cannot is held here only.
    charger_answer = models.CharField(max_length=16, blank=True)
    # The charger was asked for any EVSE (connector 0): ``evse`` is the one kept free here, until another is used.
    any_evse = models.BooleanField(default=False)
    # The plug that ``any_evse`` must have; empty: whichever.
    connector_standard = models.CharField(max_length=24, blank=True)
    # When the charger was last asked to hold it: whatever it forgot since then it is asked again.
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-reserved_at", "-pk"]
        verbose_name = _("reservation")
        constraints = [
            models.UniqueConstraint(
                fields=["evse"], condition=Q(status__in=["active", "in_use"]), name="evse_reserved_once"
            ),
            models.UniqueConstraint(
                fields=["driver"], condition=Q(status="active"), name="driver_holds_one_active_reservation"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.evse_id} {self.status}"

    @property
    def is_confirmed(self) -> bool:
        """Whether the charger itself holds it."""
        return self.charger_answer == ACCEPTED

    @property
    def is_held_here_only(self) -> bool:
        """The charger does not know how to: whoever comes first can plug in, and is refused by us."""
        return self.charger_answer.startswith(CANNOT_HOLD)

    @property
    def is_unanswered(self) -> bool:
        """The charger was asked, and did not say anything."""
        return self.charger_answer == NO_ANSWER

    @property
    def why(self) -> str:
        """Why it moved last, in words for its driver; empty where that speaks for itself."""
        changes = list(self.changes.all())
        return changes[-1].reason if changes else ""


class ReservationChange(models.Model):
    """When and why a reservation moved."""

    reservation = models.ForeignKey(Reservation, models.CASCADE, related_name="changes")
    status = models.CharField(max_length=10, choices=Reservation.Status.choices)
    reason = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.reservation_id} {self.status}"
