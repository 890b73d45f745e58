"""Addresses of the app."""

from django.urls import path

from gridops.views import campaigns, historical, machines, mending, order, ordering, people, proof, status

app_name = "gridops"
urlpatterns = [
    path("", status.status, name="status"),
    path("points.json", status.points, name="points"),
    path("search/", status.search, name="search"),
    path("news.json", status.news, name="news"),
    path("preview/", ordering.preview, name="preview"),
    path("preview/chart/", ordering.preview_chart, name="preview_chart"),
    path("orders/", ordering.create, name="create"),
    path("historical/", historical.historical, name="historical"),
    path("historical.csv", historical.historical_csv, name="historical_csv"),
    path("orders/<int:pk>/", order.detail, name="order"),
    path("orders/<int:pk>/ledger/", proof.ledger, name="ledger"),
    path("orders/<int:pk>/ledger/<int:charge_point_id>/", proof.ledger_of, name="ledger_of"),
    path("orders/<int:pk>/ledger.csv", proof.ledger_csv, name="ledger_csv"),
    path("orders/<int:pk>/ledger.json", proof.ledger_json, name="ledger_json"),
    path("orders/<int:pk>/withdraw/", order.withdraw, name="withdraw"),
    path("orders/<int:pk>/change/", mending.change, name="change"),
    path("orders/<int:pk>/accept/", mending.accept, name="accept"),
    path("orders/<int:pk>/power.json", order.power, name="power"),
    path("orders/<int:pk>/power/<int:charge_point_id>.json", order.power, name="power_of"),
    path("orders/<int:pk>/flexibility.json", order.flexibility, name="flexibility"),
    path("orders/<int:pk>/storage/<int:supply_point_id>.json", order.storage, name="storage"),
    path("campaigns/", campaigns.index, name="campaigns"),
    path("campaigns/new/", campaigns.add, name="campaign_add"),
    path("campaigns/preview/", campaigns.preview, name="campaign_preview"),
    path("campaigns/<int:pk>/", campaigns.show, name="campaign"),
    path("campaigns/<int:pk>/power.json", campaigns.chart, name="campaign_power"),
    path("campaigns/<int:pk>/result.csv", campaigns.result_csv, name="campaign_csv"),
    path("campaigns/<int:pk>/withdraw/", campaigns.withdraw, name="campaign_withdraw"),
    path("users/", people.index, name="users"),
    path("users/add/", people.add, name="user_add"),
    path("users/<int:pk>/", people.edit, name="user"),
    path("users/<int:pk>/remove/", people.remove, name="user_remove"),
    path("machines/", machines.index, name="machines"),
    path("machines/add/", machines.add, name="machine_add"),
    path("machines/<int:pk>/revoke/", machines.revoke, name="machine_revoke"),
]
