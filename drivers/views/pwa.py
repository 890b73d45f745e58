"""What makes the app installable, and what it shows without a connection."""

import json
from hashlib import blake2b

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

# What the page without a connection is made of; all else is kept as it is seen.
SHELL = (
    "vendor/bootstrap/bootstrap.trimmed.min.css",
    "twinev/tokens.css",
    "twinev/app.css",
    "twinev/theme.js",
    "twinev/pwa.js",
    "twinev/icons.svg",
    "twinev/icon.svg",
)
WORKER = "twinev/sw.js"


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest."""
    shortcuts = [(_("Charge"), "drivers:charge"), (_("Bookings"), "drivers:bookings")]
    return JsonResponse(
        {
            "id": "/",
            "name": "TwinEV",
            "short_name": "TwinEV",
            "description": _("Find a charger, reserve it and charge when energy is cheap and green."),
            "lang": get_language(),
            "start_url": reverse("drivers:map"),
            "scope": "/",
            "display": "standalone",
            "orientation": "any",
            "theme_color": "#f5f6f3",
            "background_color": "#f4f5f1",
            "categories": ["travel", "utilities"],
            "icons": _icons(),
            "shortcuts": [{"name": name, "url": reverse(url)} for name, url in shortcuts],
        },
        content_type="application/manifest+json",
        json_dumps_params={"ensure_ascii": False},
    )


def _icons() -> list[dict[str, str]]:
    plain = [("icon", size, "any") for size in (192, 512)]
    cut = [("maskable", size, "maskable") for size in (192, 512)]
    return [
        {"src": static(f"twinev/app/{name}-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": use}
        for name, size, use in plain + cut
    ]


@require_safe
@never_cache
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker; it has to stand at the root to serve the whole app."""
    assets = [static(path) for path in SHELL]
    shell = {
        "version": blake2b(json.dumps([assets, static(WORKER)]).encode(), digest_size=6).hexdigest(),
        "offline": reverse("drivers:offline"),
        "assets": assets,
        "icon": static("twinev/app/icon-192.png"),
        "badge": static("twinev/app/badge-96.png"),
        "title": "TwinEV",
    }
    script = f"self.SHELL = {json.dumps(shell)};\nimportScripts({json.dumps(static(WORKER))});\n"
    return HttpResponse(script, content_type="text/javascript")


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Shown where there is neither a connection nor a copy; the same for everybody."""
    return render(request, "drivers/offline.html")
