from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from twinev.identity import accounts, throttle
from twinev.identity.forms import SignUpForm
from twinev.identity.site import site_of


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("identity:account")
    form = SignUpForm(request.POST or None)
    if form.is_valid() and _make_account(request, form):
        return redirect("identity:signup-sent")
    return render(request, "identity/signup.html", {"form": form}, status=422 if form.is_bound else 200)


@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    return render(request, "identity/signup_sent.html", {"demo_link": request.session.pop("demo_link", "")})


@never_cache
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link opens a page with a button: programs that look at links in e-mails in advance confirm nothing."""
    try:
        user = accounts.account_to_confirm(token)
        if request.method == "POST":
            accounts.confirm(token=token, now=timezone.now())
            messages.success(request, _("Your e-mail address is confirmed. You can log in now."))
            return redirect("identity:login")
    except accounts.LinkInvalid:
        return render(request, "identity/confirm_invalid.html", status=410)
    return render(request, "identity/confirm.html", {"account": user})


def _make_account(request: HttpRequest, form: SignUpForm) -> bool:
    """False when the form has to be shown again."""
    try:
        throttle.count_attempt(request=request, account=f"mail:{form.cleaned_data['email']}", now=timezone.now())
        user = accounts.sign_up(**form.cleaned_data, language=get_language() or "en", site=site_of(request))
    except throttle.TooManyAttempts:
        return True  # the next page is the same: it tells nobody anything, and the mailbox is left in peace
    except accounts.NameTaken:
        form.add_error("username", _("This user name is taken."))
        return False
    if user is not None and settings.DEMO:
        request.session["demo_link"] = reverse("identity:confirm", args=[accounts.confirmation_token(user)])
    return True
