"""A session's need is asked for by everybody who hears of its start, at the same instant."""

import threading

import pytest
from django.db import close_old_connections, connection

from smac.models import ChargingNeed
from smac.services import needs
from tests import factories
from tests.factories import NOW

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
AT_ONCE = 8


def test_all_who_hear_of_a_start_at_once_are_given_the_same_need() -> None:
    rows = [factories.transaction(factories.evse(), factories.driver(), started_at=NOW) for _ in range(10)]
    barrier = threading.Barrier(AT_ONCE)
    answers: list[object] = []

    def ask() -> None:
        close_old_connections()
        try:
            for row in rows:
                barrier.wait(timeout=60)
                need = needs.attach(transaction=row, now=NOW)
                answers.append(need and need.pk)
        except Exception as error:
            barrier.abort()
            answers.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    made = list(ChargingNeed.objects.order_by("pk").values_list("pk", flat=True))
    assert len(made) == len(rows)
    assert sorted(answers, key=str) == sorted(made * AT_ONCE, key=str)
