"""Making, confirming and ending an account."""

from datetime import datetime

from django.conf import settings
from django.core import signing
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.deletion import ProtectedError, RestrictedError

from drivers.services import my_data
from twinev.identity import mails
from twinev.identity.models import LoginThrottle, User

_SALT = "twinev.identity.confirm"


class LinkInvalid(Exception):
    """The confirmation link is forged, too old or no longer fits the account."""


class NameTaken(Exception):
    """Somebody else got the user name in the same moment."""


def find_account(name: str) -> User | None:
    """The account of a user name or an e-mail address, in whatever case it was typed."""
    if not name:
        return None
    found = list(User.objects.filter(Q(username__iexact=name) | Q(email__iexact=name))[:2])
    # Somebody may have taken another's address as user name: then the name decides.
    by_name = [user for user in found if user.username.casefold() == name.casefold()]
    return next(iter(by_name or found), None)


def sign_up(*, username: str, email: str, password: str, language: str, site: str) -> User | None:
    """Makes an account that sleeps until its e-mail address is confirmed.

    When the address has an account already nothing is made and its owner is told by e-mail: the page shows the same in
    both cases, so that nobody learns who is a customer here. Raises NameTaken.
    """
    owner = User.objects.filter(email__iexact=email).first()
    if owner is not None:
        mails.send_already_registered(owner, site=site)
        return None
    try:
        with transaction.atomic():
            user = User.objects.create_user(username, email, password, is_active=False, language=language)
    except IntegrityError:
        raise NameTaken from None
    send_confirmation(user, site=site)
    return user


def send_confirmation(user: User, *, site: str) -> None:
    transaction.on_commit(lambda: mails.send_confirmation(user, token=confirmation_token(user), site=site))


def confirmation_token(user: User) -> str:
    return signing.dumps([user.pk, user.email], salt=_SALT)


def account_to_confirm(token: str) -> User:
    """Raises LinkInvalid."""
    try:
        pk, email = signing.loads(token, salt=_SALT, max_age=settings.EMAIL_CONFIRMATION_DAYS * 24 * 3600)
    except signing.BadSignature:
        raise LinkInvalid from None
    user = User.objects.filter(pk=pk, email=email).first()
    if user is None:
        raise LinkInvalid
    return user


def confirm(*, token: str, now: datetime) -> User:
    """Wakes the account. A second use changes nothing: an account that was closed since stays closed."""
    user = account_to_confirm(token)
    User.objects.filter(pk=user.pk, email_confirmed_at=None).update(email_confirmed_at=now, is_active=True)
    user.refresh_from_db()
    return user


def awaits_confirmation(user: User) -> bool:
    return not user.is_active and user.email_confirmed_at is None and user.last_login is None


def delete(user: User) -> None:
    """Removes the account with all that is kept of the person. Where a log of decisions must be kept, as of orders of
    a grid operator, the account stays without a person.

    :raises Refused: a charge is under way.
    """
    with transaction.atomic():
        my_data.erase(driver=user)
        LoginThrottle.objects.filter(account__in=_names(user)).delete()
        try:
            with transaction.atomic():
                user.delete()
        except (ProtectedError, RestrictedError):
            _forget_person(user)


def _names(user: User) -> set[str]:
    return {name for name in (user.username, user.email, user.username.casefold(), user.email.casefold()) if name}


def _forget_person(user: User) -> None:
    user.username, user.email = f"deleted-{user.pk}", ""
    user.first_name = user.last_name = ""
    user.last_login = user.email_confirmed_at = None
    user.is_active = user.is_staff = user.is_superuser = False
    user.set_unusable_password()
    user.save()
