"""The whole system in one process, as `make demo` and small installations run it."""

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.servers import ROOT, Stack, healthy

EMBEDDED = {"TWINEV_TESTING": "1", "DJANGO_SETTINGS_MODULE": "twinev.settings", "REDIS_URL": ""}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """On SQLite and with everything in memory, whatever the other tests run on: that is the embedded default."""
    folder = tmp_path_factory.mktemp("embedded")
    url = f"sqlite:///{folder / 'twinev.sqlite3'}"
    migrate = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(migrate, cwd=ROOT, env=os.environ | EMBEDDED | {"DATABASE_URL": url}, check=True)
    stack = Stack(database_url=url, redis_url="", folder=folder)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


def test_one_process_serves_pages_and_has_worker_and_beat_alive(stack: Stack) -> None:
    with urllib.request.urlopen(f"{stack.url}/healthz") as answer:
        assert json.load(answer)["parts"] == {"database": "ok", "beat": "ok", "worker": "ok"}


@pytest.mark.parametrize("path", ["/", "/nowhere", "/ocpp"])
def test_a_websocket_to_nowhere_is_refused(stack: Stack, path: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        connect(f"ws://127.0.0.1:{stack.port}{path}")
    assert refusal.value.response.status_code == 404


def test_a_page_of_another_site_cannot_open_the_live_socket(stack: Stack) -> None:
    url = f"ws://127.0.0.1:{stack.port}/live/?topics=map"
    with connect(url, origin=stack.url):
        pass
    with pytest.raises(InvalidStatus) as refusal:
        connect(url, origin="https://evil.example")
    assert refusal.value.response.status_code == 403


def test_a_port_that_is_taken_is_said_plainly(stack: Stack) -> None:
    serve = [sys.executable, "manage.py", "serve", "--port", str(stack.port)]
    environment = os.environ | EMBEDDED | {"DATABASE_URL": "sqlite:///:memory:"}
    second = subprocess.run(serve, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1
    assert "something else listens there already" in second.stderr


def test_it_comes_back_after_it_was_killed(stack: Stack) -> None:
    stack.kill()
    assert not healthy(f"{stack.url}/healthz")
    stack.start()
    assert healthy(f"{stack.url}/healthz")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_signal_to_end_ends_every_part_without_an_error(stack: Stack, how: signal.Signals) -> None:
    if not healthy(f"{stack.url}/healthz"):
        stack.start()
    assert stack.stop(how) == 0
    assert "Traceback" not in stack.log.read_text()


@pytest.mark.django_db(transaction=True)
def test_the_stack_of_the_fixture_works_on_the_database_of_the_tests(live_stack: Stack) -> None:
    from twinev.models import Heartbeat

    assert set(Heartbeat.objects.values_list("part", flat=True)) == {"beat", "worker"}
