"""Addresses for machines."""

from django.urls import path

from gridops.api import grid, order, orders

app_name = "gridops-api"
urlpatterns = [
    path("charge-points", grid.ChargePoints.as_view(), name="charge_points"),
    path("groups", grid.Groups.as_view(), name="groups"),
    path("connections", grid.Connections.as_view(), name="connections"),
    path("previews", orders.Previews.as_view(), name="previews"),
    path("orders", orders.Orders.as_view(), name="orders"),
    path("orders/<int:pk>", order.OneOrder.as_view(), name="order"),
    path("orders/<int:pk>/withdrawal", order.Withdrawal.as_view(), name="withdrawal"),
    path("orders/<int:pk>/replacement", order.Replacement.as_view(), name="replacement"),
    path("orders/<int:pk>/acceptance", order.Acceptance.as_view(), name="acceptance"),
    path("orders/<int:pk>/ledger", order.LedgerFile.as_view(), name="ledger"),
]
