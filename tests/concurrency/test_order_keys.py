"""A control room's system that got no answer asks again before the first one is done."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection
from django.utils import timezone

from chargepoints.models import ChargePointGroup
from gridops.models import OrderKey
from smac.models import FlexOrder
from tests import factories
from tests.gridops.api.conftest import Machine, machine_of, wanted

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
AT_ONCE = 6


def test_of_many_that_come_at_once_with_one_key_one_orders_and_all_hear_the_same() -> None:
    group = ChargePointGroup.objects.create(name="Steinheim")
    group.charge_points.add(factories.charge_point(identity="STM-1"))
    token, body = machine_of(factories.grid_operator(group)).token, wanted("STM-1")
    answers: list[tuple[int, bytes]] = []
    barrier = threading.Barrier(AT_ONCE)

    def ask() -> None:
        close_old_connections()
        barrier.wait()
        try:
            answer = Machine(token).order(body)
            answers.append((answer.status_code, answer.content))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(answers) == {answers[0]: AT_ONCE}
    assert answers[0][0] == 201
    assert (FlexOrder.objects.count(), OrderKey.objects.count()) == (1, 1)
    assert FlexOrder.objects.get().created_at < timezone.now() + timedelta(seconds=1)
