"""E-mails about accounts, in the language of the person they go to."""

from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from twinev.identity.models import User


def send_confirmation(user: User, *, token: str, site: str) -> None:
    link = site + reverse("identity:confirm", args=[token])
    with translation.override(user.language):
        _send(user, _("Confirm your e-mail address"), "confirm", link=link)


def send_already_registered(user: User, *, site: str) -> None:
    link = site + reverse("identity:password-reset")
    with translation.override(user.language):
        _send(user, _("You already have an account"), "already_registered", link=link)


def _send(user: User, subject: str, template: str, **context: str) -> None:
    text = render_to_string(f"identity/email/{template}.txt", {"user": user, **context})
    send_mail(f"TwinEV: {subject}", text, None, [user.email])
