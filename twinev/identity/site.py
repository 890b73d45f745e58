from django.conf import settings
from django.http import HttpRequest


def site_of(request: HttpRequest) -> str:
    """Scheme and host that links in e-mails begin with: the configured address, else the one that was asked for."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
