from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

from twinev.identity import throttle
from twinev.identity.accounts import find_account
from twinev.identity.models import User


class ThrottledBackend(ModelBackend):
    """Log-in by user name or e-mail address, slowed and locked after failures, wherever a password is asked for."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        found = find_account(username)
        # One count for an account, by whichever of its two names it is guessed at.
        account = found.username if found else username
        if request is not None and request.META.get("REMOTE_ADDR"):
            return self._braked(request, account, password)
        return self._check(request, account, password)

    def _braked(self, request: HttpRequest, account: str, password: str) -> User | None:
        try:
            throttle.count_attempt(request=request, account=account, now=timezone.now())
        except throttle.TooManyAttempts:
            raise PermissionDenied from None
        user = self._check(request, account, password)
        if user is not None:
            throttle.forgive(request=request, account=account)
        return user

    def _check(self, request: HttpRequest | None, account: str, password: str) -> User | None:
        # Django's own check hashes a password for unknown names, too, so that the time taken tells nothing.
        user = super().authenticate(request, username=account, password=password)
        return user if isinstance(user, User) else None
