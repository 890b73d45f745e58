"""Why a charger ended a session, in words."""

import pytest

from drivers.services import stopping


@pytest.mark.parametrize(
    ("reason", "words"),
    [("EVDisconnected", "cable"), ("StoppedByEV", "car ended it"), ("EmergencyStop", "emergency"), ("Local", "at the")],
)
def test_the_words_of_both_versions_are_told_in_a_sentence(reason: str, words: str) -> None:
    assert words in stopping.sentence(reason)


@pytest.mark.parametrize("reason", ["", "Remote", "Other", "SomethingNew"])
def test_what_was_asked_for_from_here_or_says_nothing_is_not_told(reason: str) -> None:
    assert stopping.sentence(reason) == ""
