"""Which websocket goes where: chargers to OCPP, browsers to the live socket, everything else is refused."""

from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import re_path

from chargepoints.ocpp import handshake
from chargepoints.ocpp.routing import websocket_urlpatterns as charger_patterns
from chargepoints.realtime import websocket_urlpatterns as browser_patterns

# Channels routes to ASGI applications by Django's paths, whose types speak of views.
route: Any = re_path


async def refuse(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answers 404 before it is a websocket; a server that cannot say that says 403."""
    await receive()
    await handshake.refuse(scope, send, handshake.No(404, "Nothing is here"))


# A charger is no browser: it sends no Origin, has no session and proves itself by HTTP Basic or its certificate.
# A browser carries cookies wherever a page sends it, so its Origin has to be ours.
websockets = URLRouter(
    [
        route(r"^(?=ocpp/)", URLRouter([*charger_patterns, route(r"", refuse)])),
        route(
            r"^(?=live/)",
            AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter([*browser_patterns, route(r"", refuse)]))),
        ),
        route(r"", refuse),
    ]
)
