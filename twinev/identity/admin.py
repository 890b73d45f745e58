from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.utils.translation import gettext_lazy as _

from twinev.identity.models import User


@admin.register(User)
class TwinevUserAdmin(UserAdmin):
    list_display = ["username", "email", "is_active", "email_confirmed_at", "is_staff"]
    readonly_fields = ["email_confirmed_at", "last_login", "date_joined"]
    fieldsets = (*(UserAdmin.fieldsets or ()), (_("TwinEV"), {"fields": ("language", "email_confirmed_at")}))
