"""The administrator's table of users, and its dialog."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chargepoints.domain.errors import Refused
from gridops.access import grid_operator_of, grid_operator_required
from gridops.models import GridOperator
from gridops.people_forms import NewPersonForm, PersonForm, values_of
from gridops.selectors import group_tree
from gridops.services import people

_WRONG = 422
View = Callable[..., HttpResponse]


def administrator_required(view: View) -> View:
    """Lets administrators in, with their role as argument; all others are refused."""

    @grid_operator_required
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        role = grid_operator_of(request.user)
        if role is None or not role.is_administrator:
            raise PermissionDenied
        return view(request, *args, administrator=role, **kwargs)

    return checked


@administrator_required
@require_safe
def index(request: HttpRequest, administrator: GridOperator) -> HttpResponse:
    """Everybody whom the administrator manages."""
    context = {"tab": "users", "people": people.managed_by(administrator), "administrator": administrator}
    return render(request, "gridops/users.html", context)


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: HttpRequest, administrator: GridOperator) -> HttpResponse:
    """A new user, with a password for the first log-in."""
    form = NewPersonForm(request.POST or None, by=administrator)
    if request.method == "POST" and form.is_valid():
        try:
            people.add(by=administrator, language=get_language() or "en", **form.cleaned_data)
            return _done(request, _("The user is added."))
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _dialog(request, form)


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int, administrator: GridOperator) -> HttpResponse:
    """A known user's name, address, groups and role."""
    person = get_object_or_404(people.managed_by(administrator), pk=pk)
    form = PersonForm(request.POST or None, by=administrator, person=person, initial=values_of(person))
    if request.method == "POST" and form.is_valid():
        try:
            people.change(by=administrator, person=person, **form.cleaned_data)
            return _done(request, _("The user is changed."))
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _dialog(request, form, person)


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, pk: int, administrator: GridOperator) -> HttpResponse:
    """Asks once, then takes the role away."""
    person = get_object_or_404(people.managed_by(administrator), pk=pk)
    context: dict[str, Any] = {"tab": "users", "person": person, "is_self": person.pk == administrator.pk}
    if request.method == "POST":
        try:
            people.remove(by=administrator, person=person)
            return _done(request, _("The user is removed."))
        except Refused as refusal:
            context["refusal"] = str(refusal)
    return _answer(request, "_user_remove", context, status=_WRONG if "refusal" in context else 200)


def _dialog(request: HttpRequest, form: PersonForm, person: GridOperator | None = None) -> HttpResponse:
    context = {"tab": "users", "form": form, "person": person, "groups": group_tree(request.user)}
    return _answer(request, "_user_form", context, status=_WRONG if form.is_bound else 200)


def _answer(request: HttpRequest, part: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    """The part alone in a dialog; as a page of its own without scripts."""
    fragment = request.headers.get("HX-Request") == "true"
    template = f"gridops/{part}.html" if fragment else "gridops/user.html"
    return render(request, template, {**context, "part": f"gridops/{part}.html"}, status=status)


def _done(request: HttpRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    home = reverse("gridops:status") if grid_operator_of(request.user) is None else reverse("gridops:users")
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=204, headers={"HX-Redirect": home})
    return HttpResponseRedirect(home)
