from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from twinev.health import healthz
from twinev.identity.views.language import set_language

# One door: the log-in page with its brakes, not the admin's own form.
admin.site.login = login_required(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("admin/", admin.site.urls),
    path("i18n/setlang/", set_language, name="set_language"),
    path("accounts/", include("twinev.identity.urls")),
    path("api/v1/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/gridops/", include("gridops.api.urls")),
    path("grid/", include("gridops.urls")),
    path("dashboard/", include("dashboard.urls")),
    path("", include("drivers.urls")),
]
