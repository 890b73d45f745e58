from django.contrib.auth import views as auth_views
from django.urls import path

from twinev.identity.views import account, login, password, signup

app_name = "identity"

urlpatterns = [
    path("login/", login.LoginView.as_view(), name="login"),
    path("logout/", auth_views.LogoutView.as_view(), name="logout"),
    path("signup/", signup.sign_up, name="signup"),
    path("signup/sent/", signup.sent, name="signup-sent"),
    path("confirm/<str:token>/", signup.confirm, name="confirm"),
    path("password/reset/", password.ResetView.as_view(), name="password-reset"),
    path("password/reset/sent/", password.ResetSentView.as_view(), name="password-reset-sent"),
    path("password/reset/<uidb64>/<token>/", password.ResetConfirmView.as_view(), name="password-reset-confirm"),
    path("password/", password.ChangeView.as_view(), name="password-change"),
    path("delete/", account.delete, name="delete"),
    path("", account.account, name="account"),
]
