"""The Celery application: tasks are found in the `tasks` module of each app, times in settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twinev.settings")

app = Celery("twinev")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.autodiscover_tasks(["twinev"], related_name="health")
