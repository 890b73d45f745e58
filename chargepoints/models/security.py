"""Who knocked and was not let in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RefusedCharger(models.Model):
    """A charger that was turned away: staff see what still has to be registered, or has the wrong password.

    One row an identity and reason; the newest few hundred are kept (``services.security.MOST_REFUSED_KEPT``).
    """

    class Reason(models.TextChoices):
        UNKNOWN = "unknown", _("not registered")
        WRONG_SECRET = "wrong_secret", _("wrong password")
        NO_TLS = "no_tls", _("not by TLS")
        CERTIFICATE = "certificate", _("no certificate that counts")

    identity = models.CharField(_("identifier"), max_length=48)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason.choices)
    address = models.CharField(_("address"), max_length=45, blank=True)
    times = models.PositiveIntegerField(_("times"), default=1)
    first_at = models.DateTimeField(_("first"))
    last_at = models.DateTimeField(_("last"))

    class Meta:
        ordering = ["-last_at"]
        verbose_name = _("refused charger")
        constraints = [models.UniqueConstraint(fields=["identity", "reason"], name="refused_charger_unique")]

    def __str__(self) -> str:
        return f"{self.identity} {self.reason}"
