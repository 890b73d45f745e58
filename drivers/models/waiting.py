"""Who waits for a busy station: to be told when it is free, or in a queue for it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Watch(models.Model):
    """Tell me when this station is free. ``station`` is the station's first charge point."""

    driver = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="watches")
    station = models.ForeignKey("chargepoints.ChargePoint", models.CASCADE, related_name="watches")
    vehicle = models.ForeignKey("drivers.Vehicle", models.CASCADE, related_name="watches")
    asked_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["driver", "station"], name="driver_watches_station_once")]

    def __str__(self) -> str:
        return f"{self.driver_id} {self.station_id}"


class QueueEntry(models.Model):
    """A place in the queue for a station. ``station`` is the station's first charge point.

    A turn is a reservation with a short limit: the database keeps one EVSE from being given to two, and the charger
    itself keeps it free.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        TURN = "turn", _("Your turn")
        TAKEN = "taken", _("Taken")
        MISSED = "missed", _("Turn not taken")
        LEFT = "left", _("Left")

    driver = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="queue_entries")
    station = models.ForeignKey("chargepoints.ChargePoint", models.CASCADE, related_name="queue_entries")
    vehicle = models.ForeignKey("drivers.Vehicle", models.CASCADE, related_name="queue_entries")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    joined_at = models.DateTimeField()
    # Nobody waits for ever: a place that nobody looks after is given up.
    until = models.DateTimeField()
    reservation = models.OneToOneField(
        "chargepoints.Reservation", models.SET_NULL, null=True, blank=True, related_name="queue_entry"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["joined_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["driver"], condition=Q(state__in=["waiting", "turn"]), name="driver_waits_in_one_queue"
            )
        ]
        indexes = [models.Index(fields=["station", "state"], name="queue_of_station")]

    def __str__(self) -> str:
        return f"{self.driver_id} {self.station_id} {self.state}"
