from django.apps import AppConfig


class DriversConfig(AppConfig):
    name = "drivers"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from drivers import offer_receivers, receivers, waiting_receivers  # noqa: F401  (connects them)
