"""What machines hold: their keys, the orders they gave, and how the operator's own server is followed."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class MachineToken(models.Model):
    """Lets a machine act for its owner. Only a digest is kept: the token itself is shown once.

    The digest is a plain SHA-256: a token is 256 random bits, which nobody guesses however quick the hash.
    """

    class Scope(models.TextChoices):
        READ = "read", pgettext_lazy("what a token may do", "Read")
        ORDER = "order", _("Read and order")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="machine_tokens")
    name = models.CharField(_("name"), max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    # The first signs of the token, by which its owner knows it again.
    hint = models.CharField(max_length=16)
    scope = models.CharField(_("may"), max_length=8, choices=Scope.choices, default=Scope.READ)
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("access of a machine")

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    def is_good(self, now: datetime) -> bool:
        """Whether it lets somebody in."""
        return self.revoked_at is None and self.expires_at > now


class OrderKey(models.Model):
    """A key under which a machine gave an order, so that asking twice orders once.

    ``digest`` is of what was asked, ``answer`` what the machine was told.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="order_keys")
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    order = models.ForeignKey("smac.FlexOrder", models.CASCADE, null=True, related_name="keys")
    # As text: a database that stores JSON in its own way would hand it back in another order.
    answer = models.TextField(default="{}")
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="order_key_once_for_a_user")]

    def __str__(self) -> str:
        return self.key


class ServerLink(models.Model):
    """How it goes with the server from which a grid operator's orders are fetched."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="server_link")
    asked_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    # In words for the operator; empty while all goes well.
    problem = models.CharField(max_length=300, blank=True)
    report_problem = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return str(self.user)


class ServerEvent(models.Model):
    """An event of that server, as it was last seen, and what became of it."""

    link = models.ForeignKey(ServerLink, models.CASCADE, related_name="events")
    event_id = models.CharField(max_length=128)
    name = models.CharField(max_length=128, blank=True)
    # Of its contents; ``revision`` counts how often they changed, ``is_followed`` says that its orders are as they say.
    digest = models.CharField(max_length=64)
    revision = models.PositiveIntegerField(default=0)
    is_followed = models.BooleanField(default=False)
    orders = models.ManyToManyField("smac.FlexOrder", related_name="server_events")
    problem = models.CharField(max_length=300, blank=True)
    seen_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-seen_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["link", "event_id"], name="server_event_once_for_a_link")]

    def __str__(self) -> str:
        return self.name or self.event_id
