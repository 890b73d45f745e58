"""Tariffs."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.tariff import TariffTerms


class Tariff(models.Model):
    """What charging costs. With ``follows_market`` the energy price is added to the market's price of the slot."""

    operator = models.ForeignKey("chargepoints.Operator", models.CASCADE, null=True, blank=True, related_name="tariffs")
    name = models.CharField(_("name"), max_length=80)
    currency = models.CharField(max_length=3, default="EUR")
    follows_market = models.BooleanField(default=True)
    energy_price_per_kwh = models.DecimalField(max_digits=8, decimal_places=4)
    export_price_per_kwh = models.DecimalField(max_digits=8, decimal_places=4, default=0)
    session_fee = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    pickup_grace_minutes = models.PositiveSmallIntegerField(default=15)
    penalty_per_minute = models.DecimalField(max_digits=8, decimal_places=2, default=0)

    class Meta:
        ordering = ["name"]
        verbose_name = _("tariff")

    def __str__(self) -> str:
        return self.name

    def terms(self) -> TariffTerms:
        """The tariff as the price function takes it."""
        return TariffTerms(
            currency=self.currency,
            energy_price_per_kwh=self.energy_price_per_kwh,
            follows_market=self.follows_market,
            session_fee=self.session_fee,
            export_price_per_kwh=self.export_price_per_kwh,
            pickup_grace_minutes=self.pickup_grace_minutes,
            penalty_per_minute=self.penalty_per_minute,
        )
