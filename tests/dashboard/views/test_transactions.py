import pytest
from django.test import Client
from django.urls import reverse

from chargepoints.models import Evse, Operator, Transaction
from smac.services import needs
from tests import factories
from tests.factories import NOW, minutes

pytestmark = pytest.mark.django_db
LIST = "dashboard:transactions"


@pytest.fixture
def mine() -> Operator:
    return factories.operator("Mine")


@pytest.fixture
def evse(mine: Operator) -> Evse:
    return factories.evse(mine)


@pytest.fixture
def staff(client: Client, mine: Operator) -> Client:
    client.force_login(factories.staff(mine))
    return client


def ids(client: Client, **query) -> list[int]:
    return [row.pk for row in client.get(reverse(LIST), query).context["page"].rows]


def test_pages_go_on_by_key_and_neither_repeat_nor_skip(staff: Client, evse: Evse) -> None:
    rows = [factories.transaction(evse, state="ended").pk for _ in range(60)]
    first = staff.get(reverse(LIST)).context["page"]
    second = staff.get(reverse(LIST), {"before": first.older}).context["page"]
    third = staff.get(reverse(LIST), {"before": second.older}).context["page"]
    shown = [row.pk for page in (first, second, third) for row in page.rows]
    assert shown == rows[::-1]
    assert third.older is None


def test_a_senseless_key_shows_the_newest(staff: Client, evse: Evse) -> None:
    row = factories.transaction(evse)
    assert ids(staff, before="abc") == [row.pk]


def test_filters_stand_in_the_address(staff: Client, evse: Evse, mine: Operator) -> None:
    ended = factories.transaction(evse, state="ended", started_at=NOW - minutes(60 * 48))
    running = factories.transaction(factories.evse(mine), factories.driver("herta"))
    assert ids(staff, state="active") == [running.pk]
    assert ids(staff, q="herta") == [running.pk]
    assert ids(staff, until="2026-11-22") == [ended.pk]
    assert ids(staff, location=evse.charge_point.supply_point.location_id) == [ended.pk]


def test_htmx_gets_the_rows_alone(staff: Client, evse: Evse) -> None:
    factories.transaction(evse)
    answer = staff.get(reverse(LIST), headers={"HX-Request": "true"})
    assert b"<html" not in answer.content
    assert b"data-table" in answer.content


def test_the_list_is_read_with_few_queries(staff: Client, evse: Evse, django_assert_max_num_queries) -> None:
    for _ in range(25):
        factories.transaction(evse, factories.driver(), state="ended")
    with django_assert_max_num_queries(14):
        staff.get(reverse(LIST))


def test_the_curve_holds_the_plan_and_the_window_up_to_the_departure(staff: Client, evse: Evse) -> None:
    from django.utils import timezone

    from smac.services import planning

    now = timezone.now()
    row = factories.transaction(evse, factories.driver(), started_at=now)
    needs.state_need(
        evse=evse,
        driver=row.driver,
        mode="fast",
        battery_capacity_wh=50_000,
        soc_percent=50,
        target_soc_percent=60,
        departure_at=now + minutes(120),
        now=now,
    )
    needs.attach(transaction=row, now=now)
    planning.run(supply_point_id=evse.charge_point.supply_point_id, now=now)
    chart = staff.get(reverse("dashboard:transaction_curve", args=[row.pk])).json()
    plan = next(series for series in chart["series"] if series["kind"] == "plan")
    assert max(plan["values"]) == pytest.approx(11.0)
    assert min(plan["times"]) <= now.timestamp() <= max(plan["times"])


def test_a_session_that_told_its_first_and_last_reading_alone_has_the_mean_between_them(
    staff: Client, evse: Evse
) -> None:
    row = factories.transaction(evse, ended_at=NOW + minutes(30), state="ended")
    for at, value in ((NOW, 1_000), (NOW + minutes(30), 3_000)):
        row.meter_values.create(
            charge_point=evse.charge_point,
            evse_number=1,
            at=at,
            measurand="Energy.Active.Import.Register",
            location="Outlet",
            value=value,
            unit="Wh",
        )
    measured = staff.get(reverse("dashboard:transaction_curve", args=[row.pk])).json()["series"]
    assert [series["kind"] for series in measured] == ["measured"]
    assert measured[0]["times"] == [NOW.timestamp(), (NOW + minutes(30)).timestamp()]
    assert measured[0]["values"] == [4.0, 4.0]


def test_an_ended_session_without_any_reading_is_not_said_to_wait_for_its_plan(staff: Client, evse: Evse) -> None:
    row = factories.transaction(evse, ended_at=NOW + minutes(30), state="ended")
    chart = staff.get(reverse("dashboard:transaction_curve", args=[row.pk])).json()
    assert (chart["series"], chart["text"]["empty"]) == ([], "Nothing was measured.")


@pytest.mark.parametrize(
    ("flaw", "words"),
    [
        ("no stop was sent", "never sent the end of this transaction"),
        ("token refused: Invalid", "The card was refused"),
        ("clock was wrong: 1970-01-01T00:00:00+00:00", "clock was wrong: its times were set right"),
        ("unknown EVSE 42", "a connector that nobody has configured"),
        ("doubtful meter stop", "cannot be true"),
    ],
)
def test_a_flaw_is_told_in_words(staff: Client, evse: Evse, flaw: str, words: str) -> None:
    row = factories.transaction(evse, state=Transaction.State.QUARANTINED, flaw=flaw)
    page = staff.get(reverse("dashboard:transaction", args=[row.pk])).content.decode()
    assert words in page
