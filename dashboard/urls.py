"""Addresses of the dashboard."""

from django.urls import path
from django.views.generic import RedirectView

from dashboard.views import (
    charge_points,
    checks,
    commands,
    locations,
    messages,
    refused,
    registration,
    setup,
    tokens,
    transactions,
)

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
    path("charge-points/<int:pk>/set-up/", charge_points.details, {"part": "setup"}, name="charge_point_setup"),
    path("charge-points/<int:pk>/offline/", setup.change, {"what": "offline"}, name="charge_point_offline"),
    path("charge-points/<int:pk>/dialect/", setup.change, {"what": "dialect"}, name="charge_point_dialect"),
    path("charge-points/<int:pk>/profile/", setup.change, {"what": "profile"}, name="charge_point_profile"),
    path("charge-points/<int:pk>/password/", setup.change, {"what": "password"}, name="charge_point_password"),
    path("charge-points/<int:pk>/new-password/", setup.new_password, name="charge_point_new_password"),
    path("charge-points/register/", registration.register, name="register"),
    path("refused/", refused.index, name="refused"),
    path("refused/<int:pk>/dismiss/", refused.dismiss, name="refused_dismiss"),
    path("checks/", checks.index, name="checks"),
    path("transactions/<int:pk>/decision/", checks.decide, name="check_decide"),
    path("cards/", tokens.index, name="tokens"),
    path("cards/add/", tokens.add, name="token_add"),
    path("cards/master-pass/", tokens.master_pass, name="master_pass"),
    path("cards/<int:pk>/", tokens.details, name="token"),
    path("cards/<int:pk>/block/", tokens.block, name="token_block"),
    path("messages/", messages.index, name="messages"),
]
