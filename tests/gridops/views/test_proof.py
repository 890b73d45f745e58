"""The proof of an order: the drawer's part, one charge point, the files; nothing of foreign groups in any of them."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from gridops.services.ledger import sealing
from gridops.views import proof
from smac.models import FlexOrder
from tests import factories
from tests.factories import NOW, minutes
from tests.gridops.conftest import Area, browser, order
from tests.gridops.proving import charging, told

# Ten years, in minutes after NOW.
AGO = -5_256_000
FILES = ["gridops:ledger_csv", "gridops:ledger_json"]


def ended(area: Area, *points: factories.ChargePoint, **values: object) -> FlexOrder:
    """An order of an hour that is over, whatever the clock says."""
    window = {
        "starts_at": NOW + minutes(AGO),
        "ends_at": NOW + minutes(AGO + 60),
        "created_at": NOW + minutes(AGO - 60),
    }
    return order(area, *points, **{**window, **values})


def page(client: Client, name: str, *arguments: int, **query: str) -> str:
    answer = client.get(reverse(name, args=arguments), query, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def shown(console: Client, area: Area, power_w: float, status: str = "accepted") -> tuple[FlexOrder, str]:
    told(
        charging(area.points[0], power_w, start=AGO - 60, until=AGO + 140, every=10), 5_000, at=AGO - 10, status=status
    )
    found = ended(area)
    return found, page(console, "gridops:ledger", found.pk)


def test_the_share_is_told_as_a_figure_and_a_sentence(area: Area, console: Client) -> None:
    _, text = shown(console, area, 4_900)

    assert "100%" in text
    assert "4 of 4 slots with a session kept the limit." in text
    assert "flowed above it" not in text


def test_who_refused_is_named_and_stands_first(area: Area, console: Client) -> None:
    _, text = shown(console, area, 11_000, status="rejected")

    assert "1 charger refused the limit:" in text
    assert "6.00\u00a0kWh flowed above it." in text
    assert text.index(f'id="ledger-{area.points[0].pk}"') < text.index(f'id="ledger-{area.points[1].pk}"')


def test_who_is_silent_is_named(area: Area, console: Client) -> None:
    _, text = shown(console, area, 11_000, status="timed_out")

    assert "1 silent charger:" in text


def test_each_slot_of_a_charge_point_is_told_with_its_reason(area: Area, console: Client) -> None:
    found, _ = shown(console, area, 7_000)
    text = page(console, "gridops:ledger_of", found.pk, area.points[0].pk)

    assert text.count('class="is-exceeded"') == 4
    assert "7.0\u00a0kW" in text
    assert "The charger took the limit, and the meter shows more." in text
    assert reverse("gridops:power_of", args=[found.pk, area.points[0].pk]) in text


def test_before_the_window_the_proof_says_when_it_begins(area: Area, console: Client) -> None:
    found = order(area, starts_at=NOW + minutes(600_000), ends_at=NOW + minutes(600_060))

    assert "The proof begins with the window" in page(console, "gridops:ledger", found.pk)


def test_it_fetches_itself_while_the_order_is_open(area: Area, console: Client) -> None:
    assert 'data-live="orders"' in page(console, "gridops:ledger", order(area).pk)
    assert 'data-live="orders"' not in page(console, "gridops:ledger", ended(area).pk)


def test_charge_points_come_by_pages(area: Area, console: Client) -> None:
    supply = area.points[0].supply_point
    crowd = [factories.charge_point(at=supply, identity=f"CP-{n:02d}") for n in range(proof.POINTS_PER_PAGE + 1)]
    area.group.charge_points.add(*crowd)
    found = ended(area, *crowd)

    first, second = (page(console, "gridops:ledger", found.pk, page=number) for number in ("1", "2"))
    assert (crowd[0].identity in first, crowd[-1].identity in first) == (True, False)
    assert (crowd[0].identity in second, crowd[-1].identity in second) == (False, True)


def test_without_htmx_it_is_a_page(area: Area, console: Client) -> None:
    found = ended(area)
    for address in (
        reverse("gridops:ledger", args=[found.pk]),
        reverse("gridops:ledger_of", args=[found.pk, area.points[0].pk]),
    ):
        assert "<html" in console.get(address).content.decode()


@pytest.mark.parametrize("name", FILES)
def test_the_files_are_whole_and_ours(area: Area, console: Client, name: str) -> None:
    found, _ = shown(console, area, 4_900)
    answer = console.get(reverse(name, args=[found.pk]))

    assert f'filename="twinev-order-{found.pk}-ledger.' in answer["Content-Disposition"]
    assert sealing.check(answer.content) == sealing.Checked(is_whole=True, is_ours=True)


def test_of_a_shared_order_nobody_reads_foreign_points(area: Area, console: Client) -> None:
    told(charging(area.points[0], 2_000, start=AGO - 60, until=AGO + 140), 5_000, at=AGO - 10)
    told(charging(area.foreign, 9_000, start=AGO - 60, until=AGO + 140), 5_000, at=AGO - 10)
    shared = ended(area, area.points[0], area.foreign, scope="together", max_power_w=6_000)

    texts = [page(console, "gridops:ledger", shared.pk)]
    texts += [console.get(reverse(name, args=[shared.pk])).content.decode() for name in FILES]
    assert all("STM-1" in text and "ATH-1" not in text for text in texts)
    sums = [row for row in json.loads(texts[2])["rows"] if row["row"] == "all_together"]
    assert {(row["limit_w"], row["measured_w"]) for row in sums} == {(3_000, 2_000)}
    assert "your part of the limit" in texts[0]


def test_strangers_read_nothing(area: Area) -> None:
    found = ended(area)
    addresses = [reverse(name, args=[found.pk]) for name in ("gridops:ledger", *FILES)]
    addresses.append(reverse("gridops:ledger_of", args=[found.pk, area.points[0].pk]))
    for address in addresses:
        assert browser().get(address).status_code == 302
        assert browser(factories.driver()).get(address).status_code == 403
        assert browser(area.other_dso).get(address).status_code == 404


def test_a_point_that_the_order_does_not_name_has_no_ledger(area: Area, console: Client) -> None:
    found = ended(area, area.points[0])

    assert console.get(reverse("gridops:ledger_of", args=[found.pk, area.points[1].pk])).status_code == 404
