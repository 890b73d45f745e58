"""Addresses of the app."""

from django.urls import URLPattern

app_name = "gridops"
urlpatterns: list[URLPattern] = []
