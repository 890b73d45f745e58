"""Many say yes to an offer at the same instant: the budget is never promised twice, nobody is paid twice."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection

from chargepoints.domain.errors import Refused
from smac.models import Participation
from smac.services.campaigns import answering, settling, uptake
from tests import factories
from tests.smac.services.campaigns.conftest import END, campaign, metered, session
from tests.smac.world import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
DRIVERS, PAID = 6, 2


def test_of_many_who_say_yes_at_once_as_many_are_promised_money_as_there_is() -> None:
    points = [factories.charge_point() for _ in range(DRIVERS)]
    needs = [session(evse=point.evses.get())[0] for point in points]
    # Each could move 11 kWh for 0.50 EUR.
    offer = campaign(*points, wanted_w=100_000, budget=Decimal("5.50") * PAID)

    def ask(number: int) -> str:
        try:
            answering.opt_in(campaign=offer, driver=needs[number].driver, now=NOW)
            return "in"
        except Refused as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(DRIVERS) as pool:
        answers = sorted(pool.map(ask, range(DRIVERS)))
    assert answers == ["budget"] * (DRIVERS - PAID) + ["in"] * PAID
    assert uptake.of(offer).committed == offer.budget
    assert Participation.objects.count() == PAID


def test_whoever_settles_at_the_same_moment_pays_once() -> None:
    need, running = session()
    offer = campaign(need.evse.charge_point)
    answering.opt_in(campaign=offer, driver=need.driver, now=NOW)
    metered(running, 0, 0, 0, 0, 6_000, 6_000, 6_000, 6_000)

    def settle(_number: int) -> bool:
        try:
            return settling.settle(campaign=type(offer).objects.get(pk=offer.pk), now=END + settling.GRACE)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(settle, range(4))) == [False, False, False, True]
    assert uptake.of(offer).paid == Decimal("2.50")
