from django.apps import AppConfig


class SmacConfig(AppConfig):
    name = "smac"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from smac import receivers  # noqa: F401  (connects itself)
