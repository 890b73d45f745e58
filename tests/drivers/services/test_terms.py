"""Versions of the terms, consent and its withdrawal."""

from datetime import timedelta
from typing import Any

import pytest
from django.template.loader import get_template

from chargepoints.domain.errors import Refused
from chargepoints.models import Reservation
from drivers.models import ChargeSession, Notice, PushSubscription, TermsAcceptance, Watch
from drivers.services import notices, terms
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
END = NOW + timedelta(hours=1)


def test_every_version_has_its_text_and_the_newest_holds() -> None:
    for version in terms.VERSIONS:
        assert get_template(version.template).render()
    assert [one.since for one in terms.VERSIONS] == sorted(one.since for one in terms.VERSIONS)
    assert terms.version("nonsense").number == terms.CURRENT_VERSION == terms.VERSIONS[-1].number


def test_an_older_version_does_not_hold_any_more() -> None:
    person = factories.user()
    TermsAcceptance.objects.create(driver=person, version="1", accepted_at=NOW)
    assert not terms.accepted_by(person)
    terms.accept(driver=person, now=NOW)
    assert terms.accepted_by(person)


def test_what_follows_a_withdrawal(driver: Any, other_driver: Any, reservation: Reservation, car: Any) -> None:
    station = reservation.evse.charge_point
    for person in (driver, other_driver):
        Watch.objects.create(driver=person, station=station, vehicle=car, asked_at=NOW, until=END)
    PushSubscription.objects.create(user=driver, endpoint="https://push.apple.com/x", created_at=NOW)
    assert terms.withdraw(driver=driver, now=NOW)
    assert not terms.accepted_by(driver)
    reservation.refresh_from_db()
    assert reservation.status == Reservation.Status.CANCELLED
    assert [watch.driver for watch in Watch.objects.all()] == [other_driver]
    assert not PushSubscription.objects.exists()
    assert terms.accepted_by(other_driver)
    assert not terms.withdraw(driver=driver, now=NOW)


def test_nobody_withdraws_while_a_charge_is_under_way(driver: Any, charging: ChargeSession) -> None:
    with pytest.raises(Refused):
        terms.withdraw(driver=driver, now=NOW)
    assert terms.accepted_by(driver)


def test_who_accepted_an_older_version_is_told_once_and_nobody_else(driver: Any) -> None:
    behind, gone, never = (factories.user() for _ in range(3))
    TermsAcceptance.objects.create(driver=behind, version="1", accepted_at=NOW)
    TermsAcceptance.objects.create(driver=gone, version="1", accepted_at=NOW, withdrawn_at=NOW)
    assert terms.tell_of_new(now=NOW) == 1
    assert terms.tell_of_new(now=NOW) == 0
    assert notices.of(behind).get().kind == Notice.Kind.TERMS
    assert not notices.of(driver).exists()
    assert not Notice.objects.filter(user__in=[gone, never]).exists()
