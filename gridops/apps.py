from django.apps import AppConfig


class GridopsConfig(AppConfig):
    name = "gridops"
    default_auto_field = "django.db.models.BigAutoField"
