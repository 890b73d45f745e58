"""The request as the apps' views get it."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    """With what django-htmx's middleware adds: true where a fragment is asked for."""

    htmx: HtmxDetails
