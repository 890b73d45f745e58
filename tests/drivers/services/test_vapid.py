"""The key by which push services know us."""

import stat
from pathlib import Path
from typing import Any

import pytest

from drivers.services import vapid


def test_a_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY, settings.REDIS_URL, settings.DATA_DIR = "", "", tmp_path / "new"
    first = vapid.private_key()
    assert vapid.private_key() == first
    [file] = (tmp_path / "new").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_several_processes_share_the_key_of_the_settings_or_have_none(tmp_path: Path, settings: Any) -> None:
    settings.REDIS_URL, settings.DATA_DIR = "redis://localhost", tmp_path
    settings.VAPID_PRIVATE_KEY = ""
    assert (vapid.private_key(), vapid.public_key()) == ("", "")
    settings.VAPID_PRIVATE_KEY = vapid.generate()
    assert vapid.private_key() == settings.VAPID_PRIVATE_KEY
    assert list(tmp_path.iterdir()) == []


def test_the_public_key_is_the_point_that_browsers_ask_for(settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = vapid.generate()
    point = vapid.decode(vapid.public_key())
    assert (len(point), point[0]) == (65, 4)


@pytest.mark.parametrize("text", ["é", "a*b", "a"])
def test_what_is_no_base64url_is_none(text: str) -> None:
    with pytest.raises(ValueError):
        vapid.decode(text)
