from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from chargepoints.domain.errors import Refused
from twinev.identity import accounts
from twinev.identity.forms import AccountForm, DeleteForm
from twinev.identity.homes import home_of
from twinev.identity.models import User
from twinev.identity.views.login import speak_their_language


@login_required
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    form = AccountForm(request.POST or None, instance=user)
    if form.is_valid():
        form.save()
        response = speak_their_language(request, redirect("identity:account"))
        messages.success(request, _("Saved."))
        return response
    context = {"form": form, "home": home_of(user)}
    return render(request, "identity/account.html", context, status=422 if form.is_bound else 200)


@login_required
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    user = _user(request)
    form = DeleteForm(request.POST or None, user=user)
    if not form.is_valid():
        return render(request, "identity/delete.html", {"form": form}, status=422 if form.is_bound else 200)
    try:
        accounts.delete(user)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return render(request, "identity/delete.html", {"form": form}, status=422)
    logout(request)
    messages.success(request, _("Your account is deleted."))
    return redirect("/")


def _user(request: HttpRequest) -> User:
    """The account itself, not the lazy wrapper around it."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return User.objects.get(pk=request.user.pk)
