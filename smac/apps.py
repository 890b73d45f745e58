from django.apps import AppConfig


class SmacConfig(AppConfig):
    name = "smac"
    default_auto_field = "django.db.models.BigAutoField"
