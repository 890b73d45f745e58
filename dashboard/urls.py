"""Addresses of the dashboard."""

from django.urls import path
from django.views.generic import RedirectView

from dashboard.views import charge_points, commands, locations, messages, transactions

app_name = "dashboard"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="dashboard:transactions"), name="home"),
    path("figures/", locations.figures, name="figures"),
    path("transactions/", transactions.index, name="transactions"),
    path("transactions/<int:pk>/", transactions.details, name="transaction"),
    path("transactions/<int:pk>/curve/", transactions.curve, name="transaction_curve"),
    path("commands/", commands.index, name="commands"),
    path("commands/<int:pk>/", commands.details, name="command"),
    path("locations/", locations.index, name="locations"),
    path("charge-points/<int:pk>/", charge_points.details, name="charge_point"),
    path("charge-points/<int:pk>/limits/", charge_points.details, {"part": "plan"}, name="charge_point_plan"),
    path(
        "charge-points/<int:pk>/configuration/",
        charge_points.details,
        {"part": "configuration"},
        name="charge_point_configuration",
    ),
    path(
        "charge-points/<int:pk>/maintenance/",
        charge_points.details,
        {"part": "maintenance"},
        name="charge_point_maintenance",
    ),
    path("messages/", messages.index, name="messages"),
]
