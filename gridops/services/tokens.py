"""Access of machines: made, shown once, used, revoked."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.errors import Refused
from gridops.models import MachineToken

# By it scanners for leaked secrets know a token of this system.
PREFIX = "twinev_"
_HINT_SIGNS = len(PREFIX) + 4
MOST_PER_USER = 20
LONGEST = timedelta(days=366)
# Each use would write a row otherwise.
_NOTED_EVERY = timedelta(minutes=1)


def make(*, user: Any, name: str, scope: str, expires_at: datetime, now: datetime) -> tuple[MachineToken, str]:
    """A new token, and its text, which nobody can read again. Raises Refused."""
    if expires_at <= now or expires_at > now + LONGEST:
        raise Refused(_("Choose an end within the next year."))
    good = MachineToken.objects.filter(user=user, revoked_at=None, expires_at__gt=now)
    if good.count() >= MOST_PER_USER:
        raise Refused(_("These are many already: revoke one first."))
    text = PREFIX + secrets.token_urlsafe(32)
    row = MachineToken.objects.create(
        user=user,
        name=name,
        digest=digest_of(text),
        hint=text[:_HINT_SIGNS],
        scope=scope,
        created_at=now,
        expires_at=expires_at,
    )
    return row, text


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def find(*, text: str, now: datetime) -> MachineToken | None:
    """The token, if it is good and its owner's account is open."""
    rows = MachineToken.objects.select_related("user").filter(user__is_active=True)
    row = rows.filter(digest=digest_of(text)).first()
    return row if row is not None and row.is_good(now) else None


def note_use(*, token: MachineToken, now: datetime) -> None:
    """Remember when it was used last, to the minute."""
    long_ago = Q(last_used_at=None) | Q(last_used_at__lte=now - _NOTED_EVERY)
    MachineToken.objects.filter(long_ago, pk=token.pk).update(last_used_at=now)


def revoke(*, token: MachineToken, now: datetime) -> None:
    """End a token at once; a second time changes nothing."""
    MachineToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)
