"""What a driver is told of the life of a session and of a reservation."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import translation

from chargepoints.domain.transaction import TransactionState
from chargepoints.models import Reservation, Tariff, Transaction
from chargepoints.services import reservations
from drivers.models import ChargeSession, Notice
from drivers.services import booking, happenings, lifecycle, notices
from tests.factories import NOW, minutes

pytestmark = pytest.mark.django_db
Kind = Notice.Kind
END = NOW + timedelta(hours=1)


def kinds(driver: Any) -> list[str]:
    return sorted(notices.of(driver).values_list("kind", flat=True))


def end(charging: ChargeSession) -> None:
    facts = {"state": TransactionState.ENDED, "ended_at": END, "energy_wh": 5_000.0}
    Transaction.objects.filter(pk=charging.transaction_id).update(**facts)
    lifecycle.transaction_ended(transaction_id=charging.transaction_id or 0, now=END)


def test_the_end_of_a_session_is_told_once_with_energy_and_the_time_to_leave(driver: Any, charging: Any) -> None:
    end(charging)
    end(charging)
    happenings.sweep(now=END)
    notice = notices.of(driver).get()
    assert notice.kind == Kind.SESSION_END
    assert notice.path == f"/charge/{charging.pk}/"
    assert "5.0 kWh charged. Please pick up your vehicle by 14:10." in notices.text_of(notice)


def test_an_end_whose_news_was_lost_is_told_by_the_sweep(driver: Any, charging: ChargeSession) -> None:
    ChargeSession.objects.filter(pk=charging.pk).update(state=ChargeSession.State.FINISHED, ended_at=END)
    happenings.sweep(now=END + minutes(5))
    assert kinds(driver) == [Kind.SESSION_END]


def test_a_penalty_is_told_when_it_begins_and_not_before(driver: Any, charging: ChargeSession) -> None:
    end(charging)
    happenings.sweep(now=END + minutes(9))
    assert kinds(driver) == [Kind.SESSION_END]
    for _ in range(2):
        happenings.sweep(now=END + minutes(10))
    assert kinds(driver) == [Kind.PENALTY, Kind.SESSION_END]
    assert "fee" in notices.text_of(notices.of(driver).get(kind=Kind.PENALTY))


def test_no_fee_is_threatened_where_none_runs(driver: Any, charging: ChargeSession) -> None:
    Tariff.objects.update(penalty_per_minute=0)
    end(charging)
    happenings.sweep(now=END + minutes(10))
    assert "fee" not in notices.text_of(notices.of(driver).get(kind=Kind.PENALTY))


def test_who_has_driven_away_hears_of_no_penalty(driver: Any, charging: ChargeSession) -> None:
    end(charging)
    ChargeSession.objects.update(state=ChargeSession.State.PICKED_UP)
    happenings.sweep(now=END + minutes(10))
    assert kinds(driver) == [Kind.SESSION_END]


def test_a_lapsed_reservation_is_told_once(
    driver: Any, reservation: Reservation, django_capture_on_commit_callbacks: Any
) -> None:
    late = reservation.expires_at
    with django_capture_on_commit_callbacks(execute=True):
        reservations.sweep(now=late)
    happenings.reservation_changed(reservation_id=reservation.pk, now=late)
    happenings.sweep(now=late)
    notice = notices.of(driver).get()
    assert notice.kind == Kind.RESERVATION_LAPSED
    assert "not used in time" in notices.text_of(notice)


def test_why_a_reservation_was_taken_away_is_told(driver: Any, reservation: Reservation) -> None:
    reservations.cancel(reservation=reservation, now=NOW, reason="The charger is out of order.")
    happenings.sweep(now=NOW + minutes(1))
    assert "out of order" in notices.text_of(notices.of(driver).get())


@pytest.mark.parametrize("language", ["en", "de", "el", "es"])
def test_who_gives_a_reservation_back_is_told_nothing(driver: Any, reservation: Reservation, language: str) -> None:
    with translation.override(language):
        booking.cancel(reservation=reservation, now=NOW)
    happenings.reservation_changed(reservation_id=reservation.pk, now=NOW)
    happenings.sweep(now=NOW + minutes(1))
    assert kinds(driver) == []
