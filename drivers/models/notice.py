"""What the app has to tell a driver who may not be looking, and the browsers that it may wake for that."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """Something that happened. ``about`` holds its facts; the sentence is made when it is read (services/notices)."""

    class Kind(models.TextChoices):
        SESSION_END = "session_end", _("Charging has finished")
        RESERVATION_LAPSED = "reservation_lapsed", _("Your reservation has ended")
        TURN = "turn", _("It is your turn")
        PENALTY = "penalty", _("Please pick up your vehicle")
        STATION_FREE = "station_free", _("A charger is free")
        TERMS = "terms", _("The terms of use have changed")
        OFFER = "offer", _("An offer for you")
        OFFER_JOINED = "offer_joined", _("You take part in an offer")
        OFFER_OVER = "offer_over", _("An offer is over")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    # What makes the happening this one: nobody is told twice.
    key = models.CharField(max_length=80)
    about = models.JSONField(default=dict, blank=True)
    path = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    # When the driver's browsers were told; what a lost task left is found by the sweep.
    pushed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("notice")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="nobody_is_told_twice")]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(pushed_at=None), name="notices_to_push"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notices_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"


class PushSubscription(models.Model):
    """A browser that its owner allowed us to wake (RFC 8030); the keys encrypt for it alone (RFC 8291)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="push_subscriptions")
    endpoint = models.URLField(max_length=600, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    created_at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("browser")

    def __str__(self) -> str:
        return f"{self.user_id} {self.endpoint[:40]}"


class PushDelivery(models.Model):
    """A browser that has still to be told of a notice; gone as soon as that is done, or given up."""

    subscription = models.ForeignKey(PushSubscription, models.CASCADE, related_name="deliveries")
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    due_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "notice"], name="a_browser_is_told_once")]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.notice_id}"
