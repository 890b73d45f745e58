"""Addresses of the app."""

from django.urls import URLPattern, path

from drivers.views import bookings, charge, me, reserve, search, session, station_map, status, terms, vehicles

app_name = "drivers"
urlpatterns: list[URLPattern] = [
    path("", station_map.show, name="map"),
    path("stations.geojson", station_map.stations_geojson, name="stations"),
    path("stations/<int:key>/", station_map.station, name="station"),
    path("search/", search.results, name="search"),
    path("reserve/<int:evse_id>/", reserve.reserve, name="reserve"),
    path("charge/", charge.show, name="charge"),
    path("charge/quote/", charge.quote, name="quote"),
    path("charge/history/", session.history, name="history"),
    path("charge/<int:pk>/", session.card, name="session"),
    path("charge/<int:pk>/details/", session.details, name="session-details"),
    path("charge/<int:pk>/chart.json", session.chart, name="session-chart"),
    path("charge/<int:pk>/end/", session.end, name="session-end"),
    path("charge/<int:pk>/pick-up/", session.pick_up, name="session-pick-up"),
    path("bookings/", bookings.show, name="bookings"),
    path("bookings/<int:pk>/cancel/", bookings.cancel, name="booking-cancel"),
    path("vehicles/", vehicles.show, name="vehicles"),
    path("vehicles/add/", vehicles.add, name="vehicle-add"),
    path("vehicles/<int:pk>/", vehicles.edit, name="vehicle"),
    path("vehicles/<int:pk>/remove/", vehicles.remove, name="vehicle-remove"),
    path("me/", me.show, name="me"),
    path("me/cards/", me.add_card, name="card-add"),
    path("me/cards/<int:pk>/block/", me.block_card, name="card-block"),
    path("terms/", terms.show, name="terms"),
    path("status/", status.show, name="status"),
]
