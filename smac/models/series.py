"""Prices and forecasts, with the moment at which each value was known."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Series(models.Model):
    """A curve of one kind for a price zone or a supply point.

    Units: prices currency per kWh, CO2 g per kWh, demand, production and limits W, storage content per cent.
    """

    class Kind(models.TextChoices):
        IMPORT_PRICE = "import_price", _("Price")
        EXPORT_PRICE = "export_price", _("Price for energy given back")
        CO2 = "co2", "CO₂"
        DEMAND = "demand", _("Demand")
        PRODUCTION = "production", _("Production")
        MAX_IMPORT = "max_import", _("Most that may be drawn")
        MAX_EXPORT = "max_export", _("Most that may be given back")
        PEAK = "peak", _("Highest quarter hour of the month")
        STORAGE_SOC = "storage_soc", _("Charge of the local battery")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    zone = models.CharField(max_length=16, blank=True)
    supply_point = models.ForeignKey(
        "chargepoints.SupplyPoint", models.CASCADE, null=True, blank=True, related_name="series"
    )
    source = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "zone", "supply_point"], name="series_unique"),
            models.UniqueConstraint(
                fields=["kind", "zone"],
                condition=models.Q(supply_point__isnull=True),
                name="series_of_zone_unique",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.zone or self.supply_point_id}"


class SeriesValue(models.Model):
    """One value, valid from ``starts_at`` for ``duration_s``. The newest ``known_at`` counts."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="values")
    starts_at = models.DateTimeField()
    duration_s = models.PositiveIntegerField(default=900)
    value = models.FloatField()
    known_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["series", "starts_at", "known_at"], name="series_value_unique")]

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} {self.value}"
