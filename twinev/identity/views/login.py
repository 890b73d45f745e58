from django.contrib.auth import views as auth_views
from django.http import HttpRequest, HttpResponse
from django.utils.translation import activate

from twinev.identity.forms import LoginForm
from twinev.identity.homes import home_of
from twinev.identity.models import User
from twinev.identity.views.language import remember_in_cookie


class LoginView(auth_views.LoginView):
    template_name = "identity/login.html"
    form_class = LoginForm
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        user = self.request.user
        return home_of(user) if isinstance(user, User) else "/"

    def form_valid(self, form: LoginForm) -> HttpResponse:  # type: ignore[override]
        response = super().form_valid(form)
        return speak_their_language(self.request, response)


def speak_their_language(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The language that a person chose once goes with them to every device."""
    if isinstance(request.user, User):
        activate(request.user.language)
        remember_in_cookie(response, request.user.language)
    return response
