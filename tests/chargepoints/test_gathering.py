"""What may wait is told once, beside what made it."""

import threading
from typing import Any

import pytest

from chargepoints import gathering
from chargepoints.gathering import Gathering

PATIENCE_S = 10


class Told:
    """What was delivered, and by which thread."""

    def __init__(self) -> None:
        self.lists: list[list[str]] = []
        self.threads: list[str] = []
        self.anything = threading.Event()

    def __call__(self, items: list[str]) -> None:
        self.lists.append(items)
        self.threads.append(threading.current_thread().name)
        self.anything.set()


def test_in_tests_news_are_told_at_once() -> None:
    told = Told()
    Gathering(told).add("a", "b", "a")
    assert told.lists == [["a", "b"]]


def test_what_came_often_is_told_once_by_another_thread(settings: Any) -> None:
    settings.NEWS_GATHERED_S = 0.05
    told = Told()
    news = Gathering(told)
    for item in ("a", "b", "a", "a"):
        news.add(item)
    assert told.anything.wait(PATIENCE_S)
    assert told.lists == [["a", "b"]]
    assert told.threads == ["news"]


def test_a_flush_waits_for_nothing(settings: Any) -> None:
    settings.NEWS_GATHERED_S = 0.2
    told = Told()
    news = Gathering(told)
    news.add("a")
    news.flush()
    news.flush()
    assert told.lists == [["a"]]


def test_news_that_cannot_be_told_do_not_stop_the_next(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    settings.NEWS_GATHERED_S = 0.01

    def fail(items: list[str]) -> None:
        raise RuntimeError(items)

    told = Told()
    news: Gathering[str] = Gathering(fail)
    news.add("a")
    news.flush()
    assert "news could not be told" in caplog.text
    Gathering(told).add("b")
    assert told.anything.wait(PATIENCE_S)
    gathering.flush()
    assert told.lists == [["b"]]
