"""Addresses of the dashboard."""

from django.urls import path
from django.views.generic import RedirectView

from dashboard.views import commands, locations, transactions

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
]
