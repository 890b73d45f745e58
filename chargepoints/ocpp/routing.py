"""The address of chargers: /ocpp/<identity>, percent-decoded by the server; trailing slashes are tolerated."""

from django.urls import re_path

from chargepoints.ocpp.consumer import ChargerConsumer

websocket_urlpatterns = [re_path(r"^ocpp/(?P<identity>.+)$", ChargerConsumer.as_asgi())]
