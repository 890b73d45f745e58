"""Notices: once for each happening, in the reader's language."""

from typing import Any

import pytest
from django.utils import translation

from drivers.models import Notice
from drivers.services import notices
from tests.factories import NOW, minutes

pytestmark = pytest.mark.django_db
Kind = Notice.Kind
ABOUT: dict[str, str | int] = {"station": "Town hall", "until": "2026-11-23T12:30:00+00:00", "zone": "Europe/Berlin"}


def tell(user: Any, kind: Notice.Kind = Kind.TURN, **values: Any) -> Notice:
    return notices.tell(**{"user": user, "kind": kind, "about": ABOUT, "path": "/charge/", "now": NOW, **values})


def test_the_same_happening_is_told_once(driver: Any) -> None:
    assert tell(driver) == tell(driver, now=NOW + minutes(5))
    assert notices.of(driver).get().created_at == NOW


def test_another_time_another_kind_and_another_driver_are_other_happenings(driver: Any, other_driver: Any) -> None:
    tell(driver)
    tell(driver, about=ABOUT | {"until": "2026-11-23T14:30:00+00:00"})
    tell(driver, Kind.STATION_FREE)
    tell(other_driver)
    assert (notices.of(driver).count(), notices.of(other_driver).count()) == (3, 1)


def test_a_key_is_the_happening_whatever_its_facts(driver: Any) -> None:
    tell(driver, key="session:7")
    tell(driver, key="session:7", about={})
    assert notices.of(driver).count() == 1


def test_what_was_read_counts_no_more_and_nobody_elses_is_touched(driver: Any, other_driver: Any) -> None:
    tell(driver)
    tell(other_driver)
    assert notices.mark_read(user=driver, now=NOW + minutes(1)) == 1
    assert (notices.unread_count(driver), notices.unread_count(other_driver)) == (0, 1)


def test_the_time_is_that_of_the_place(driver: Any) -> None:
    assert notices.text_of(tell(driver)) == "Town hall. The charger is kept for you until 13:30."


def test_figures_are_written_as_the_readers_language_does(driver: Any) -> None:
    notice = tell(driver, Kind.SESSION_END, about={"energy_wh": 12_340})
    assert notices.text_of(notice) == "12.3 kWh charged."
    with translation.override("de"):
        assert "12,3" in notices.text_of(notice)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_has_its_sentence_also_without_any_fact(driver: Any, kind: Notice.Kind) -> None:
    notice = tell(driver, kind, about={})
    assert notices.title_of(notice)
    assert "None" not in notices.text_of(notice)
    everywhere = (Kind.TERMS, Kind.OFFER, Kind.OFFER_JOINED, Kind.OFFER_OVER)
    assert "Town hall" in notices.text_of(tell(driver, kind)) or kind in everywhere


def test_a_push_speaks_the_language_of_its_reader(driver: Any) -> None:
    driver.language = "de"
    notice = tell(driver, Kind.SESSION_END, about={"energy_wh": 12_340})
    assert "12,3" in notices.in_words_for(notice)[1]
