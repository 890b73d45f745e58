"""Fixtures that all tests share: the cast, a running system, and Chromium."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import TransactionTestCase

from tests import emptying, factories
from tests.servers import CHROMIUM_ARGUMENTS, Stack, chromium, url_of_database

pytest_plugins = ["tests.conformance.collector"]


# A test leaves little garbage: looking for it more often costs more than keeping it.
_GARBAGE_AFTER = 50_000


def pytest_collection_finish() -> None:
    """What is imported and collected stays: nobody need look for garbage in it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE_AFTER)


@pytest.fixture(scope="session", autouse=True)
def _quick_emptying() -> Iterator[None]:
    """Between tests that commit, only tables with rows are emptied, in half the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", emptying.after_a_test)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The database of the tests; at the end nobody else holds it."""
    yield
    with django_db_blocker.unblock():
        emptying.let_go()


@pytest.fixture
def driver(db: None) -> Any:
    return factories.driver("ann")


@pytest.fixture
def other_driver(db: None) -> Any:
    return factories.driver("bob")


@pytest.fixture
def operator(db: None) -> Any:
    return factories.operator("Steinheim Mobil")


@pytest.fixture
def other_operator(db: None) -> Any:
    return factories.operator("Attiki Charge")


@pytest.fixture
def staff(operator: Any) -> Any:
    return factories.staff(operator)


@pytest.fixture
def other_staff(other_operator: Any) -> Any:
    return factories.staff(other_operator)


@pytest.fixture
def grid_operator(db: None) -> Any:
    """A user who is a grid operator with no group yet."""
    return factories.grid_operator()


@pytest.fixture
def live_stack(transactional_db: None, tmp_path: Path) -> Iterator[Stack]:
    """The whole system as a process of its own on the test database, ready to serve. Rows are seen once committed."""
    from django.db import connection

    if settings.REDIS_URL:
        _empty(settings.REDIS_URL)
    stack = Stack(database_url=url_of_database(connection.settings_dict), redis_url=settings.REDIS_URL, folder=tmp_path)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


def _empty(redis_url: str) -> None:
    """Tasks that earlier tests left in the queue are about rows that are gone."""
    import redis

    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": chromium(), "args": CHROMIUM_ARGUMENTS}
