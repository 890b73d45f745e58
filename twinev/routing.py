"""Which websocket goes where: chargers to OCPP, browsers to the live socket, everything else is refused."""

from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import re_path

from chargepoints.ocpp.routing import websocket_urlpatterns as charger_patterns
from chargepoints.realtime import websocket_urlpatterns as browser_patterns


async def refuse(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Closes before accepting, which the server answers with 403."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


# A charger is no browser: it sends no Origin, has no session and proves itself by HTTP Basic or its certificate.
# A browser carries cookies wherever a page sends it, so its Origin has to be ours.
websockets = URLRouter(
    [
        re_path(r"^(?=ocpp/)", URLRouter([*charger_patterns, re_path(r"", refuse)])),
        re_path(
            r"^(?=live/)",
            AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter([*browser_patterns, re_path(r"", refuse)]))),
        ),
        re_path(r"", refuse),
    ]
)
