from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "twinev.ui"
    label = "ui"
