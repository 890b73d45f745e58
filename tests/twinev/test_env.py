from pathlib import Path

import pytest

from twinev import env


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("THING", raising=False)


def test_a_required_variable_that_is_missing_names_itself() -> None:
    with pytest.raises(env.SettingMissing, match="THING is not set"):
        env.text("THING")


@pytest.mark.parametrize("reader", [env.flag, env.integer, env.words])
def test_every_reader_insists_on_what_has_no_default(reader) -> None:
    with pytest.raises(env.SettingMissing, match="THING"):
        reader("THING")


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "  ")
    assert env.text("THING", default="other") == "other"
    assert env.integer("THING", default=7) == 7
    assert env.flag("THING", default=True) is True


@pytest.mark.parametrize(
    ("value", "meaning"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("false", False)]
)
def test_flags_read_the_usual_words(monkeypatch: pytest.MonkeyPatch, value: str, meaning: bool) -> None:
    monkeypatch.setenv("THING", value)
    assert env.flag("THING", default=not meaning) is meaning


def test_a_flag_with_another_word_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "maybe")
    with pytest.raises(env.SettingInvalid, match="THING"):
        env.flag("THING", default=False)


def test_a_refusal_does_not_repeat_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "s3cret")
    with pytest.raises(env.SettingInvalid) as refusal:
        env.integer("THING")
    assert "s3cret" not in str(refusal.value)


def test_a_number_below_the_least_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "-1")
    with pytest.raises(env.SettingInvalid, match="at least 0"):
        env.integer("THING", least=0)


def test_a_choice_outside_the_options_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "LOUD")
    with pytest.raises(env.SettingInvalid, match="DEBUG, INFO"):
        env.choice("THING", ["DEBUG", "INFO"])


def test_a_list_is_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "a.example, b.example,")
    assert env.words("THING") == ["a.example", "b.example"]


def test_an_address_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "mysql://host/name")
    with pytest.raises(env.SettingInvalid, match="postgres://"):
        env.url("THING", ["postgres"])


def test_networks_are_addresses_or_ranges_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THING", "10.1.0.0/16, ::1")
    assert [str(network) for network in env.networks("THING")] == ["10.1.0.0/16", "::1/128"]
    monkeypatch.setenv("THING", "10.1.0.0/16, proxy.example.org")
    with pytest.raises(env.SettingInvalid, match="THING"):
        env.networks("THING")


def test_addresses_by_name_are_read_with_what_they_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWINEV_SERVERS", "one=https://me:a%2Cb@one.example/x?y=z, two=https://two.example")
    expected = {"one": "https://me:a%2Cb@one.example/x?y=z", "two": "https://two.example"}
    assert env.addresses("TWINEV_SERVERS", ["https"]) == expected


@pytest.mark.parametrize(
    "value", ["https://one.example", "=https://one.example", "one=http://one.example", "one=https:"]
)
def test_an_address_without_a_name_or_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TWINEV_SERVERS", value)
    with pytest.raises(env.SettingInvalid, match="TWINEV_SERVERS"):
        env.addresses("TWINEV_SERVERS", ["https"])


def test_a_file_has_to_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert env.file("TWINEV_FILE", default="") == ""
    monkeypatch.setenv("TWINEV_FILE", str(tmp_path / "ca.pem"))
    with pytest.raises(env.SettingInvalid, match="TWINEV_FILE"):
        env.file("TWINEV_FILE")
    (tmp_path / "ca.pem").touch()
    assert env.file("TWINEV_FILE") == str(tmp_path / "ca.pem")
