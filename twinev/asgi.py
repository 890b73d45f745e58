"""The ASGI application: HTTP by Django, websockets by twinev.routing."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twinev.settings")

# First, as it loads the apps that the routing imports from.
http = get_asgi_application()

from channels.routing import ProtocolTypeRouter  # noqa: E402

from twinev.routing import websockets  # noqa: E402

application = ProtocolTypeRouter({"http": http, "websocket": websockets})
