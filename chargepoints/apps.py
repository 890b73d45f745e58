from django.apps import AppConfig


class ChargepointsConfig(AppConfig):
    name = "chargepoints"
    default_auto_field = "django.db.models.BigAutoField"
