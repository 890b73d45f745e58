"""The dialog for a grid operator's user: the same for a new and a known one, but for the password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from chargepoints.models import ChargePointGroup
from gridops.models import GridOperator
from gridops.selectors import visible_groups


class PersonForm(forms.Form):
    """A known user's name, address, groups and role. ``by`` is the administrator."""

    username = forms.CharField(label=_("User name"), max_length=150, validators=[UnicodeUsernameValidator()])
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    groups = forms.ModelMultipleChoiceField(
        ChargePointGroup.objects.none(),
        label=_("Groups of charge points"),
        error_messages={"required": _("Choose at least one group: without one there is nothing to see.")},
    )
    is_administrator = forms.BooleanField(
        label=_("Administrator"), required=False, help_text=_("May manage the users of these groups.")
    )

    def __init__(self, *args: Any, by: GridOperator, person: GridOperator | None = None, **values: Any) -> None:
        super().__init__(*args, **values)
        self._person = person
        self.fields["groups"].queryset = visible_groups(by.user)  # type: ignore[attr-defined]

    @property
    def chosen_ids(self) -> set[int]:
        """The groups that are ticked, as sent or as they were."""
        values = (
            self.data.getlist("groups") if self.is_bound and hasattr(self.data, "getlist") else self["groups"].value()
        )
        return {int(value) for value in values or [] if str(value).isdecimal()}

    def clean_username(self) -> str:
        username = str(self.cleaned_data["username"])
        if self._others().filter(username__iexact=username).exists():
            raise ValidationError(_("This user name is taken."))
        return username

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        if self._others().filter(email__iexact=email).exists():
            raise ValidationError(_("Another account has this e-mail address."))
        return email

    def _others(self) -> Any:
        users = get_user_model().objects.all()
        return users.exclude(pk=self._person.user_id) if self._person else users


class NewPersonForm(PersonForm):
    """A new user: only here a password is set, which its owner changes afterwards."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 8 characters, and none of the common ones. Only the user can change it later."),
    )
    password_again = forms.CharField(
        label=_("Password again"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    field_order = ["username", "email", "password", "password_again", "groups", "is_administrator"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        password = cleaned.get("password", "")
        if password and password != cleaned.get("password_again"):
            self.add_error("password_again", _("The two passwords are not the same."))
        try:
            someone = get_user_model()(username=cleaned.get("username", ""), email=cleaned.get("email", ""))
            validate_password(password, someone)
        except ValidationError as error:
            self.add_error("password", error)
        cleaned.pop("password_again", None)
        return cleaned


def values_of(person: GridOperator) -> dict[str, Any]:
    """What the dialog shows of a known user."""
    return {
        "username": person.user.username,
        "email": person.user.email,
        "groups": list(person.groups.values_list("pk", flat=True)),
        "is_administrator": person.is_administrator,
    }
