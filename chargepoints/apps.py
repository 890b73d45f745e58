import pkgutil
from importlib import import_module

from django.apps import AppConfig


class ChargepointsConfig(AppConfig):
    name = "chargepoints"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Services register what they keep and what follows from outcomes: all of them, in every process."""
        from chargepoints import services

        for module in pkgutil.iter_modules(services.__path__):
            import_module(f"{services.__name__}.{module.name}")
