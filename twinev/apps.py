from django.apps import AppConfig


class TwinevConfig(AppConfig):
    name = "twinev"
    default_auto_field = "django.db.models.BigAutoField"
