"""Runs of the optimiser and what they planned."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PlanRun(models.Model):
    """One run for one supply point. ``problem`` replays it; ``series`` holds its curves by slot.

    ``series`` keys, one number a slot in W unless said: demand, production, grid, limit, flexibility_up,
    flexibility_down, price (currency per kWh).
    """

    class Status(models.TextChoices):
        OPTIMAL = "optimal", _("Optimal")
        INCUMBENT = "incumbent", _("Good, not proved best")
        FALLBACK = "fallback", _("Fallback")
        FAILED = "failed", _("Failed")

    supply_point = models.ForeignKey("chargepoints.SupplyPoint", models.CASCADE, related_name="plan_runs")
    made_at = models.DateTimeField()
    reason = models.CharField(max_length=60)
    status = models.CharField(max_length=10, choices=Status.choices)
    solver = models.CharField(max_length=20, blank=True)
    solve_ms = models.FloatField(default=0)
    slot_starts = models.JSONField(default=list)
    series = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    problem = models.JSONField(default=dict)
    # How it was solved (optimisation.course): a replay of `problem` on this course gives the same plan.
    course = models.JSONField(default=dict)
    # Of the plan as JSON text.
    plan_digest = models.CharField(max_length=64, blank=True)
    # Its problem outlives those of the newest runs: it was slow, went wrong, or somebody wants to look at it.
    is_kept = models.BooleanField(default=False)
    # Planned together with other supply points: the runs and the limits that join them (keys "runs", "groups").
    together = models.JSONField(default=dict)

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["supply_point", "-made_at"], name="run_of_supply_point")]

    def __str__(self) -> str:
        return f"{self.supply_point_id} {self.made_at:%H:%M:%S}"


class PlannedCurve(models.Model):
    """The plan of one session: power and state of charge by slot of the run."""

    run = models.ForeignKey(PlanRun, models.CASCADE, related_name="curves")
    need = models.ForeignKey("smac.ChargingNeed", models.CASCADE, related_name="curves")
    power_w = models.JSONField()
    soc_percent = models.JSONField()
    reasons = models.JSONField(default=list)
    # The main reason of the curve's shape as data (code, price, limit, moments); words are made when it is shown.
    reason = models.JSONField(default=dict)
    # What the battery's charge was taken from, as in ChargingNeed, and how far it may be off.
    soc_origin = models.CharField(max_length=8, blank=True)
    soc_uncertainty_percent = models.FloatField(default=0)
    unmet_wh = models.FloatField(default=0)
    expected_cost = models.DecimalField(max_digits=10, decimal_places=2, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "need"], name="curve_of_need_once")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.need_id}"


class PlanningState(models.Model):
    """One row a supply point: what was asked, who plans, what holds. Bursts of requests merge here."""

    supply_point = models.OneToOneField("chargepoints.SupplyPoint", models.CASCADE, related_name="planning")
    requested_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=60, blank=True)
    lock_key = models.CharField(max_length=36, blank=True)
    locked_until = models.DateTimeField(null=True)
    planned_at = models.DateTimeField(null=True)
    # The highest quarter hour of a month before a moment: what a demand charge is paid for in any case.
    peak_w = models.FloatField(default=0)
    peak_month = models.DateField(null=True)
    peak_until = models.DateTimeField(null=True)
    run = models.ForeignKey(PlanRun, models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.supply_point_id}"
