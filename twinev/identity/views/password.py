from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import PasswordChangeForm, PasswordResetForm, SetPasswordForm
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _

from twinev.identity import throttle
from twinev.identity.site import site_of


class ResetView(auth_views.PasswordResetView):
    """Says the same whether the address is known or not."""

    template_name = "identity/password_reset.html"
    email_template_name = "identity/email/password_reset.txt"
    subject_template_name = "identity/email/password_reset_subject.txt"
    success_url = reverse_lazy("identity:password-reset-sent")

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        self.extra_email_context = {"site": site_of(self.request)}
        account = f"mail:{form.cleaned_data['email']}"
        try:
            throttle.count_attempt(request=self.request, account=account, now=timezone.now())
        except throttle.TooManyAttempts:
            return HttpResponse(status=302, headers={"Location": str(self.success_url)})
        return super().form_valid(form)


class ResetSentView(auth_views.PasswordResetDoneView):
    template_name = "identity/password_reset_sent.html"


class ResetConfirmView(auth_views.PasswordResetConfirmView):
    template_name = "identity/password_reset_confirm.html"
    success_url = reverse_lazy("identity:login")

    def form_valid(self, form: SetPasswordForm) -> HttpResponse:
        messages.success(self.request, _("Your new password is set. You can log in with it now."))
        return super().form_valid(form)


class ChangeView(auth_views.PasswordChangeView):
    template_name = "identity/password_change.html"
    success_url = reverse_lazy("identity:account")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        messages.success(self.request, _("Your password is changed."))
        return super().form_valid(form)
