"""The command line: what is asked for, in chargers."""

from argparse import Namespace
from pathlib import Path

import pytest

from chargepoints.virtual import EvseSpec
from chargepoints.virtual.__main__ import parser
from chargepoints.virtual.command_line import PASSWORD_VARIABLE, AskedError, identities, simulation_of, specs_of


def asked(*words: str) -> Namespace:
    return parser().parse_args(words)


def test_a_charger_is_described_on_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "from-the-environment")
    (spec,) = specs_of(asked("--identity", "X", "--ocpp", "2.0.1", "--evses", "2", "--dc", "--knows-soc"))
    assert (spec.identity, spec.version, spec.password) == ("X", "2.0.1", "from-the-environment")
    assert spec.evses == tuple(EvseSpec(number, ("cCCS2",), dc=True, knows_soc=True) for number in (1, 2))


@pytest.mark.parametrize(
    ("pattern", "count", "expected"),
    [
        ("X", 1, ["X"]),
        ("LOAD-", 2, ["LOAD-1", "LOAD-2"]),
        ("L{:03}-A", 2, ["L001-A", "L002-A"]),
    ],
)
def test_many_alike_are_numbered(pattern: str, count: int, expected: list[str]) -> None:
    assert identities(pattern, count) == expected


def test_a_mixed_fleet_speaks_both_versions_in_turns() -> None:
    specs = specs_of(asked("--count", "4", "--ocpp", "mixed"))
    assert [spec.version for spec in specs] == ["1.6", "2.0.1", "1.6", "2.0.1"]


def test_a_file_stands_over_the_identity(tmp_path: Path) -> None:
    path = tmp_path / "fleet.json"
    path.write_text('[{"identity": "A"}]')
    assert [spec.identity for spec in specs_of(asked("--fleet", str(path)))] == ["A"]


def test_a_security_profile_asks_for_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    assert specs_of(asked("--profile", "0", "--password", "unused"))[0].password is None
    with pytest.raises(AskedError):
        specs_of(asked("--profile", "1"))
    with pytest.raises(AskedError):
        specs_of(asked("--profile", "2", "--password", "a-long-enough-secret"))
    with pytest.raises(AskedError, match="certificate"):
        specs_of(asked("--profile", "3", "--url", "wss://example.org/ocpp"))
    with pytest.raises(AskedError, match="wss"):
        specs_of(asked("--profile", "3", "--certificate", "own.pem"))
    secure = asked("--profile", "2", "--password", "a-long-enough-secret", "--url", "wss://example.org/ocpp")
    assert simulation_of(secure).fleet["VCP-1"].link.access.ssl is not None


def test_a_play_is_put_together() -> None:
    plan = simulation_of(asked("--token", "04A1", "--chaos", "--seed", "7")).plan
    assert [step.verb for step in plan.steps] == ["online", "plug", "card"]
    assert (plan.chaos_every_s, plan.seed, plan.habits) == (900, 7, None)
    plan = simulation_of(asked("--token", "A", "--token", "B", "--visits", "20m,1h", "--chaos", "2m")).plan
    assert plan.habits
    assert (plan.habits.tokens, plan.habits.pause_s, plan.habits.stay_s) == (["A", "B"], 1_200, 3_600)
    assert (plan.chaos_every_s, plan.steps) == (120, [])
    with pytest.raises(AskedError):
        simulation_of(asked("--visits", "20m"))
