import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from twinev.celery import app


@pytest.mark.parametrize("entry", settings.CELERY_BEAT_SCHEDULE.values(), ids=settings.CELERY_BEAT_SCHEDULE)
def test_beat_names_a_task_that_exists_and_that_needs_nothing_to_be_told(entry: dict) -> None:
    app.loader.import_default_modules()
    task = app.tasks[entry["task"]]
    task.__header__()  # raises when an argument would be missing
    assert entry["options"]["expires"] > 0


@pytest.mark.parametrize("rule", settings.LIVE_TOPIC_RULES)
def test_each_rule_for_live_topics_can_be_loaded_and_refuses_what_it_does_not_know(rule: str) -> None:
    assert import_string(rule)(None, "no.such.topic") is False
