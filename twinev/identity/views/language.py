from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import check_for_language
from django.views import i18n

from twinev.identity.models import User


def set_language(request: HttpRequest) -> HttpResponseBase:
    """Django's switch, and for those who are logged in it is kept in the account as well."""
    language = request.POST.get("language", "")
    if request.method == "POST" and isinstance(request.user, User) and _is_ours(language):
        User.objects.filter(pk=request.user.pk).update(language=language)
    return i18n.set_language(request)


def remember_in_cookie(response: HttpResponseBase, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite="Lax",
    )


def _is_ours(language: str) -> bool:
    return language in dict(settings.LANGUAGES) and check_for_language(language)
