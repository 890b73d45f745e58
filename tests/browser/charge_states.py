"""The way to a charge in each of its states: search, reservation, queue, form, card, receipt. As states.py."""

from datetime import timedelta
from typing import Any

from playwright.sync_api import Page, Route

from chargepoints.models import ChargePoint, MeterValue, Reservation, Transaction
from drivers.models import ChargeSession, QueueEntry, Vehicle
from drivers.services import booking, queue, sessions, stations
from drivers.services.wish import Wish
from tests import factories
from tests.browser.states import HOUR, Cast, Seen, go
from tests.browser.visitors import expect
from tests.browser.waiting import beside

State = ChargeSession.State
MINUTE = timedelta(minutes=1)


def of_the_way(page: Page, cast: Cast, car: Vehicle) -> Seen:
    go(page, "/")
    page.get_by_label("Show stations in use, too").check()
    page.get_by_role("button", name="Search").click()
    expect(page.locator("[data-busy]")).to_be_visible()
    yield "the ranked stations"
    page.locator(f"[data-open-station='{cast.free.pk}']").click()
    yield "a station and why it ranks there"
    for point, words in ((cast.busy, "in use"), (cast.gone, "not reachable"), (cast.free, "free")):
        go(page, f"/stations/{point.pk}/")
        yield f"the page of a station that is {words}"
    quicker = factories.driver("quicker")
    held = _reserved(cast, quicker, factories.vehicle(quicker))
    page.get_by_role("button", name="Reserve").click()
    expect(page.locator("#dialog")).to_contain_text("Free nearby")
    yield "somebody was faster"
    held.delete()
    go(page, f"/stations/{cast.free.pk}/")
    page.get_by_role("button", name="Reserve").click()
    expect(page.locator("#reserved")).to_be_visible()
    yield "a reservation that was made"
    go(page, "/bookings/")
    yield "bookings"


def of_a_queue(page: Page, cast: Cast, car: Vehicle) -> Seen:
    station = stations.station_of(cast.busy.pk)
    entry = beside(queue.join, driver=cast.ann, station=station, vehicle=car, now=cast.now)
    for path in ("/queue/", "/"):
        go(page, path)
        yield f"{path} with a place in a queue"
    Transaction.objects.filter(charge_point=cast.busy).update(state="ended", ended_at=cast.now)
    beside(queue.serve_at, charge_point_id=cast.busy.pk, now=cast.now)
    for path in ("/queue/", "/charge/"):
        go(page, path)
        yield f"{path} at one's turn"
    beside(queue.leave, entry=entry, now=cast.now)
    QueueEntry.objects.all().delete()
    Reservation.objects.all().delete()


def of_the_form(page: Page, cast: Cast, car: Vehicle) -> Seen:
    held: list[Route] = []
    page.route("**/charge/quote/", lambda route: held.append(route), times=1)
    go(page, "/charge/")
    expect(page.locator(".skeleton").first).to_be_visible()
    yield "a quote that is on its way"
    held.pop().continue_()
    expect(page.locator("#quote-price")).to_be_visible()
    yield "the form with its quote"
    page.get_by_label("Charge time").fill("3")
    page.get_by_role("button", name="Charge", exact=True).click()
    expect(page.locator(".field__errors").first).to_be_visible()
    yield "a form that is not complete"
    ChargePoint.objects.filter(pk=cast.free.pk).update(connection_key="")
    page.get_by_label("Charge time").fill("60")
    page.get_by_role("button", name="Charge", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("cannot be reached")
    yield "a charger that cannot be reached"
    ChargePoint.objects.filter(pk=cast.free.pk).update(connection_key="link")
    Reservation.objects.update(status=Reservation.Status.NOT_USED, closed_at=cast.now)
    go(page, "/charge/")
    yield "a reservation that has lapsed"
    Reservation.objects.all().delete()


def of_a_charge(page: Page, cast: Cast, car: Vehicle) -> Seen:
    for code in ("refused", "no_answer", "no_plug", "given_up"):
        failed = _begun(cast, car)
        beside(sessions.give_up, session=failed, code=code, reason="The charger refused to start.", now=cast.now)
        Reservation.objects.update(status=Reservation.Status.CANCELLED)
        go(page, "/charge/" if code == "refused" else f"/charge/{failed.pk}/")
        yield f"a charge that did not start: {code}"
    session = _begun(cast, car)
    go(page, "/charge/")
    yield "a charge that starts"
    yield from _running(page, cast, session)
    yield from _over(page, cast, session)


def _running(page: Page, cast: Cast, session: ChargeSession) -> Seen:
    row = factories.transaction(session.evse, cast.ann, started_at=cast.now - HOUR)
    for quarter in range(4):
        facts = {"at": row.started_at + 15 * quarter * MINUTE, "measurand": "Energy.Active.Import.Register"}
        of = {"charge_point": row.charge_point, "evse_number": 1, "transaction": row}
        MeterValue.objects.create(**of, **facts, value=2_500.0 * quarter, unit="Wh")
    Transaction.objects.filter(pk=row.pk).update(energy_wh=7_500, power_w=10_000, last_value_at=cast.now)
    beside(sessions.started, session=session, transaction_row=row, now=cast.now)
    go(page, "/charge/")
    yield "a charge that runs"
    page.locator("#session-info").click()
    expect(page.locator("#dialog canvas").first).to_be_visible()
    yield "its curves in a dialog"
    go(page, f"/charge/{session.pk}/details/")
    yield "its curves on a page"
    yield from _changed(page, session)
    Transaction.objects.filter(pk=row.pk).update(power_w=0, charging_state="SuspendedEV")
    go(page, "/charge/")
    yield "a car that takes nothing"
    page.get_by_role("button", name="End charge").click()
    yield "the question whether to end"
    ChargePoint.objects.filter(pk=cast.free.pk).update(connection_key="")
    go(page, "/charge/")
    expect(page.locator("#charger-silent")).to_be_visible()
    yield "a charger that is silent"
    ChargeSession.objects.filter(pk=session.pk).update(stop_requested_at=cast.now)
    go(page, "/charge/")
    yield "a charge that ends"


def _changed(page: Page, session: ChargeSession) -> Seen:
    go(page, f"/charge/{session.pk}/change/")
    expect(page.locator("#change-price")).to_be_visible()
    yield "a change with its quote"
    page.get_by_label("Time from now").fill("0")
    page.get_by_role("button", name="Confirm the change").click()
    expect(page.locator(".field__errors").first).to_be_visible()
    yield "a change that is not complete"


def _over(page: Page, cast: Cast, session: ChargeSession) -> Seen:
    ended = {"state": "ended", "ended_at": cast.now, "cost_amount": "1.80", "cost_currency": "EUR"}
    Transaction.objects.filter(pk=session.transaction_id).update(**ended)
    session = sessions.with_relations().get(pk=session.pk)
    beside(sessions.finished, session=session, ended_at=cast.now)
    go(page, "/charge/")
    yield "a charge that is over"
    ChargeSession.objects.filter(pk=session.pk).update(pick_up_by=cast.now - 5 * MINUTE)
    go(page, "/charge/")
    yield "a vehicle that stands too long"
    page.get_by_role("button", name="Pick up vehicle").click()
    expect(page.locator("[data-look=closed]")).to_be_visible()
    page.locator(".receipt summary").click()
    yield "the summary of a charge"
    for path in (f"/charge/{session.pk}/receipt/", "/charge/history/"):
        go(page, path)
        yield path


def _reserved(cast: Cast, driver: Any, car: Vehicle) -> Reservation:
    return beside(booking.reserve, driver=driver, evse=cast.evse, vehicle=car, position=None, now=cast.now)


def _begun(cast: Cast, car: Vehicle) -> ChargeSession:
    reservation = _reserved(cast, cast.ann, car)
    need = {"mode": "basic", "soc_percent": 40, "target_soc_percent": 80, "departure_at": cast.now + 2 * HOUR}
    wish = Wish(vehicle=car, evse=cast.evse, reservation=reservation, **need)
    return beside(sessions.begin, driver=cast.ann, wish=wish, quote={}, now=cast.now)
