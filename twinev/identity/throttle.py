"""Brakes on guessing passwords: failures of one account from one address are slowed, then locked for a while.

The attempt is counted before the password is looked at, in one locked row: so a hundred guesses at the same instant
get no further than a hundred in a row.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest

from twinev.identity.addresses import client_address
from twinev.identity.models import LoginThrottle

# Three slips of the finger cost nothing; from then on each failure doubles the wait: 2, 4, 8 … seconds.
FREE_FAILURES = 3
LOCKED_AFTER = 10
LOCKED_FOR = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)


class TooManyAttempts(Exception):
    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"wait {wait}")
        self.wait = wait


def count_attempt(*, request: HttpRequest, account: str, now: datetime) -> None:
    """Counts an attempt as a failure until `forgive` says otherwise. Raises TooManyAttempts while it has to wait."""
    key = _key(request, account)
    with transaction.atomic():
        LoginThrottle.objects.get_or_create(**key, defaults={"last_at": now})
        row = LoginThrottle.objects.select_for_update().get(**key)
        if row.failures and now - row.last_at > FORGOTTEN_AFTER:
            row.failures = 0
        wait = row.last_at + _pause(row.failures) - now
        if row.failures and wait > timedelta(0):
            raise TooManyAttempts(wait)
        row.failures += 1
        row.last_at = now
        row.save(update_fields=["failures", "last_at"])


def remaining_wait(*, request: HttpRequest, account: str, now: datetime) -> timedelta:
    """How long this account has to wait at this address; zero or less when it need not."""
    row = LoginThrottle.objects.filter(**_key(request, account)).first()
    if row is None or now - row.last_at > FORGOTTEN_AFTER:
        return timedelta(0)
    return row.last_at + _pause(row.failures) - now


def forgive(*, request: HttpRequest, account: str) -> None:
    LoginThrottle.objects.filter(**_key(request, account)).delete()


def sweep(*, now: datetime) -> int:
    """Removes what no longer counts. Returns how many rows went."""
    return LoginThrottle.objects.filter(last_at__lt=now - FORGOTTEN_AFTER).delete()[0]


def _pause(failures: int) -> timedelta:
    if failures >= LOCKED_AFTER:
        return LOCKED_FOR
    if failures < FREE_FAILURES:
        return timedelta(0)
    return timedelta(seconds=2 ** (failures - FREE_FAILURES + 1))


def _key(request: HttpRequest, account: str) -> dict[str, str]:
    return {"account": account.casefold()[:254], "address": client_address(request)}
