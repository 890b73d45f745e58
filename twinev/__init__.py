"""The composition floor: settings, servers, urls, identity. Nothing below imports it."""

from twinev.celery import app as celery_app

__all__ = ["celery_app"]
