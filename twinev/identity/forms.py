"""Forms of accounts. They judge input; what happens then is in accounts.py."""

from math import ceil
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, UsernameField
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from twinev.identity import accounts, throttle
from twinev.identity.models import User
from twinev.identity.site import site_of


class LoginForm(AuthenticationForm):
    username = UsernameField(label=_("User name or e-mail address"), widget=forms.TextInput(attrs={"autofocus": True}))

    def get_invalid_login_error(self) -> ValidationError:
        name, request = str(self.cleaned_data.get("username")), self.request or HttpRequest()
        found = accounts.find_account(name)
        account = found.username if found else name
        wait = throttle.remaining_wait(request=request, account=account, now=timezone.now())
        if wait.total_seconds() > 0:
            return ValidationError(_too_many_attempts(ceil(wait.total_seconds())), code="too_many_attempts")
        if found and accounts.awaits_confirmation(found) and found.check_password(self.cleaned_data["password"]):
            accounts.send_confirmation(found, site=site_of(request))
            text = _("Confirm your e-mail address first: we have sent you the link again.")
            return ValidationError(text, code="unconfirmed")
        return ValidationError(_("This user name and this password do not belong together."), code="invalid_login")


def _too_many_attempts(seconds: int) -> str:
    if seconds < 90:
        text = ngettext(
            "Too many attempts. Wait %(count)d second, then try again.",
            "Too many attempts. Wait %(count)d seconds, then try again.",
            seconds,
        )
        return text % {"count": seconds}
    minutes = ceil(seconds / 60)
    text = ngettext(
        "Too many attempts. Wait %(count)d minute, then try again.",
        "Too many attempts. Wait %(count)d minutes, then try again.",
        minutes,
    )
    return text % {"count": minutes}


class SignUpForm(forms.Form):
    """Not a model form: that would tell strangers which e-mail addresses have an account here."""

    username = UsernameField(
        label=_("User name"),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        help_text=_("Letters, digits and @ . + - _"),
    )
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters, and none of the common ones."),
    )

    def clean_username(self) -> str:
        """A name that looks like an address could be somebody else's: only one's own is allowed."""
        username = str(self.cleaned_data["username"])
        taken = User.objects.filter(username__iexact=username) | User.objects.filter(email__iexact=username)
        if taken.exists():
            raise ValidationError(_("This user name is taken."))
        return username

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "@" in cleaned.get("username", "") and cleaned["username"].casefold() != cleaned.get("email", "").casefold():
            self.add_error("username", _("A user name with an @ has to be your own e-mail address."))
        self._judge_password(cleaned)
        return cleaned

    def _judge_password(self, cleaned: dict[str, Any]) -> None:
        someone = User(username=cleaned.get("username", ""), email=cleaned.get("email", ""))
        try:
            validate_password(cleaned.get("password", ""), someone)
        except ValidationError as refusal:
            self.add_error("password", refusal)


class AccountForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["first_name", "last_name", "language"]
        labels = {"first_name": _("First name"), "last_name": _("Last name"), "language": _("Language")}


class DeleteForm(forms.Form):
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("To be sure that it is you."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if not self.user.check_password(password):
            raise ValidationError(_("This is not your password."))
        return password
