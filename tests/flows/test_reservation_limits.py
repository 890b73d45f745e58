"""No reservation lives longer than its limit, by more than five seconds: neither in the run of things, nor after the
whole system was down at the limit."""

from datetime import datetime, timedelta

from django.utils import timezone

from chargepoints.models import Reservation
from chargepoints.services import reservations
from drivers.models import Notice
from tests import factories
from tests.browser.waiting import until
from tests.servers import Stack

AT_MOST = timedelta(seconds=5)


def _reserved_until(limit: datetime) -> Reservation:
    driver = factories.driver()
    token = factories.id_token(driver)
    return reservations.reserve(
        evse=factories.evse(), driver=driver, id_token=token, until=limit, now=limit - timedelta(minutes=10)
    )


def _closed_at(reservation: Reservation) -> datetime:
    def look() -> datetime | None:
        reservation.refresh_from_db()
        return reservation.closed_at

    moment = until(look, "the reservation has ended")
    assert moment is not None
    assert reservation.status == Reservation.Status.NOT_USED
    return moment


def test_a_reservation_ends_at_its_limit_also_when_everything_was_down_then(live_stack: Stack) -> None:
    ending = _reserved_until(timezone.now() + timedelta(seconds=1))
    assert ending.expires_at <= _closed_at(ending) <= ending.expires_at + AT_MOST
    told = Notice.objects.filter(user=ending.driver, kind=Notice.Kind.RESERVATION_LAPSED)
    until(told.exists, "its driver is told")

    live_stack.stop()
    missed = _reserved_until(timezone.now() - timedelta(minutes=3))
    live_stack.start()
    back_at = timezone.now()
    assert _closed_at(missed) <= back_at + AT_MOST
