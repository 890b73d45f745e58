"""The terms of use: which version holds, who accepted it, and what follows when somebody takes that back."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from chargepoints.domain.errors import Refused
from drivers.models import ChargeSession, Notice, TermsAcceptance
from drivers.services import booking, notices
from drivers.services.vehicles import OPEN_STATES


@dataclass(frozen=True, slots=True)
class Version:
    """``template`` holds its text. A text that was in force is never changed: another meaning is another version."""

    number: str
    since: date

    @property
    def template(self) -> str:
        return f"drivers/terms/{self.number}.html"


# The newest last; drivers are asked again when there is a newer one than theirs.
VERSIONS = (Version("1", date(2026, 11, 23)), Version("2", date(2026, 11, 23)))
CURRENT_VERSION = VERSIONS[-1].number


def version(number: str) -> Version:
    """The version of this number; the newest where there is none."""
    return next((one for one in VERSIONS if one.number == number), VERSIONS[-1])


def accepted_by(driver: Any) -> bool:
    """Whether the driver accepted the version that holds, and did not withdraw."""
    return driver.terms_acceptances.filter(version=CURRENT_VERSION, withdrawn_at=None).exists()


def history(driver: Any) -> Any:
    """What the driver accepted and took back, the newest first."""
    return driver.terms_acceptances.all()


def accept(*, driver: Any, now: datetime) -> TermsAcceptance:
    """Notes the acceptance; a second press of the button changes nothing."""
    standing = driver.terms_acceptances.filter(version=CURRENT_VERSION, withdrawn_at=None).first()
    return standing or TermsAcceptance.objects.create(driver=driver, version=CURRENT_VERSION, accepted_at=now)


@transaction.atomic
def withdraw(*, driver: Any, now: datetime) -> bool:
    """Takes the consent back; whether there was one.

    A reservation is given back, places in queues are left, and no browser is woken any more. What was charged stays as
    it was; only the public map is shown until the terms are accepted again.

    :raises Refused: a charge is under way, which could not be ended then.
    """
    if ChargeSession.objects.filter(driver=driver, state__in=OPEN_STATES).exists():
        raise Refused(_("A charge of yours is under way. End it and pick up your vehicle first."))
    standing = driver.terms_acceptances.filter(withdrawn_at=None)
    if not standing.update(withdrawn_at=now):
        return False
    reservation = booking.active(driver)
    if reservation is not None:
        booking.cancel(reservation=reservation, now=now)
    driver.watches.all().delete()
    driver.queue_entries.filter(state="waiting").delete()
    driver.push_subscriptions.all().delete()
    return True


def tell_of_new(*, now: datetime) -> int:
    """Tells drivers whose accepted version holds no more; how many. Each is told once."""
    key = f"version:{CURRENT_VERSION}"
    mine = TermsAcceptance.objects.filter(driver=OuterRef("pk"), withdrawn_at=None)
    told = Notice.objects.filter(user=OuterRef("pk"), kind=Notice.Kind.TERMS, key=f"{Notice.Kind.TERMS}:{key}")
    behind = get_user_model().objects.filter(
        Exists(mine), ~Exists(mine.filter(version=CURRENT_VERSION)), ~Exists(told), is_active=True
    )
    count = 0
    for driver in behind.iterator():
        notices.tell(user=driver, kind=Notice.Kind.TERMS, about={}, path=reverse("drivers:terms"), now=now, key=key)
        count += 1
    return count
