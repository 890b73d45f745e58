"""Chromium, the people in front of it, and chargers on the wire."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.hardware import Hardware
from tests.browser.visitors import Visitors
from tests.browser.waiting import PATIENCE_MS
from tests.servers import Stack

# Playwright's synchronous interface leaves an event loop running in the thread of the tests, in which Django would
# refuse to touch the database. The tests wait for each answer, so nothing runs beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
# Of the server's log, shown with a test that failed.
_LOG_SHOWN = 6_000
_HERE = Path(__file__).parent

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def hardware(live_stack: Stack) -> Iterator[Hardware]:
    """Chargers at the running system; whatever they and the server said has to be well-formed OCPP."""
    made = Hardware(live_stack.ocpp_url)
    try:
        yield made
        assert made.violations == []
    finally:
        made.close()


@pytest.fixture
def visitors(live_stack: Stack, new_context: Callable[..., BrowserContext]) -> Iterator[Visitors]:
    """Browsers at the running system; none may err, break the content security policy, or ask anybody else."""
    made = Visitors(new_context, live_stack)
    yield made
    print(live_stack.log.read_text()[-_LOG_SHOWN:])
    assert not made.troubles, "\n".join(made.troubles)
