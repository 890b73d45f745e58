"""Who is let in, by what, and how that changes."""

from datetime import timedelta
from typing import Any

import pytest

from chargepoints.domain import intents
from chargepoints.domain.errors import NotAvailable, Refused
from chargepoints.models import ChargePoint, Command, DeviceVariable, RefusedCharger
from chargepoints.services import commands, configuration, security
from chargepoints.services.security import Knock, Refusal
from tests import factories
from tests.factories import NOW, SECRET

pytestmark = pytest.mark.django_db


@pytest.fixture
def charger() -> ChargePoint:
    row = factories.charge_point(identity="CP-Markt 1")
    ChargePoint.objects.update(ocpp_version="1.6")
    row.refresh_from_db()
    return row


def admitted(
    secret: str = SECRET, *identities: str, user: str = "CP-Markt 1", by_tls: bool = False
) -> ChargePoint | Refusal:
    knock = Knock(identities or ("CP-Markt 1",), user, (secret,) if secret else (), by_tls)
    return security.admit(knock=knock, now=NOW)


def told(command: Command, *, accepted: bool) -> None:
    """The command was sent and answered."""
    Command.objects.filter(pk=command.pk).update(status="sent")
    commands.answered(command_id=command.pk, accepted=accepted, answer={}, now=NOW)


def rotated(charger: ChargePoint) -> tuple[Command, str]:
    command = security.rotate_secret(charge_point=charger, now=NOW)
    return command, security.secret_of(command.payload["seed"])


def test_a_charger_is_let_in_with_its_own_secret_only(charger: ChargePoint) -> None:
    other = factories.charge_point()
    ChargePoint.objects.filter(pk=other.pk).update(secret_hash=security.hashed("another"))
    assert admitted() == charger
    assert admitted("wrong") == Refusal.WRONG_SECRET
    assert admitted("") == Refusal.WRONG_SECRET
    assert admitted("another") == Refusal.WRONG_SECRET
    assert admitted(user=other.identity) == Refusal.WRONG_SECRET
    assert admitted(SECRET, other.identity) == Refusal.WRONG_SECRET


def test_an_unknown_charger_and_one_without_a_secret_are_refused(charger: ChargePoint) -> None:
    assert admitted(SECRET, "UNKNOWN", user="UNKNOWN") == Refusal.UNKNOWN
    ChargePoint.objects.update(secret_hash="")
    assert admitted("") == Refusal.WRONG_SECRET
    assert admitted() == Refusal.WRONG_SECRET


def test_upper_and_lower_case_are_the_same_unless_two_chargers_differ_by_it_alone(charger: ChargePoint) -> None:
    assert admitted(SECRET, "cp-markt 1", user="CP-MARKT 1") == charger
    twin = factories.charge_point(identity="CP-MARKT 1")
    assert admitted(SECRET, "CP-MARKT 1", user="CP-MARKT 1") == twin
    assert admitted(SECRET, "CP-Markt 1") == charger
    assert admitted(SECRET, "cp-markt 1") == Refusal.UNKNOWN


def test_a_charger_without_password_is_let_in_only_where_that_is_allowed(charger: ChargePoint) -> None:
    assert admitted("", user="") == Refusal.WRONG_SECRET
    security.set_profile(charge_point=charger, profile=0, allow_downgrade=True)
    assert admitted("", user="") == charger
    assert admitted("", "UNKNOWN", user="") == Refusal.UNKNOWN


def test_profile_2_is_refused_over_a_plain_line_whatever_the_secret(charger: ChargePoint) -> None:
    security.set_profile(charge_point=charger, profile=2)
    assert admitted() == Refusal.NO_TLS
    assert admitted("wrong") == Refusal.NO_TLS
    assert admitted("wrong", by_tls=True) == Refusal.WRONG_SECRET
    assert admitted(by_tls=True) == charger


def test_while_a_new_secret_is_on_its_way_both_are_good_until_the_new_one_is_used(charger: ChargePoint) -> None:
    command, new = rotated(charger)
    assert (admitted(), admitted(new[:-1])) == (charger, Refusal.WRONG_SECRET)
    told(command, accepted=True)
    assert admitted() == charger, "it may need a restart to take it up"
    assert admitted(new) == charger
    assert (admitted(), admitted(new)) == (Refusal.WRONG_SECRET, charger)
    charger.refresh_from_db()
    assert (charger.pending_secret_hash, charger.secret_changed_at) == ("", NOW)


def test_a_new_secret_that_the_charger_refuses_is_worth_nothing(charger: ChargePoint) -> None:
    command, new = rotated(charger)
    told(command, accepted=False)
    assert (admitted(), admitted(new)) == (charger, Refusal.WRONG_SECRET)
    charger.refresh_from_db()
    assert (charger.pending_secret_hash, charger.secret_changed_at) == ("", None)


def test_a_new_secret_whose_answer_was_lost_is_good_and_so_is_the_old_one(charger: ChargePoint) -> None:
    command, new = rotated(charger)
    Command.objects.update(status="sent")
    commands.timed_out(command_id=command.pk, now=NOW)
    assert (admitted(), admitted(new)) == (charger, charger)


def test_a_change_that_overtakes_another_leaves_the_last_one(charger: ChargePoint) -> None:
    first, old = rotated(charger)
    second, new = rotated(charger)
    first.refresh_from_db()
    assert first.status == "superseded"
    told(second, accepted=True)
    assert (admitted(old), admitted(new)) == (Refusal.WRONG_SECRET, charger)


def test_the_late_no_to_an_older_secret_does_not_take_the_newer_one_away(charger: ChargePoint) -> None:
    first, _ = rotated(charger)
    Command.objects.update(status="sent")
    _, new = rotated(charger)
    told(first, accepted=False)
    assert admitted(new) == charger


@pytest.mark.parametrize("accepted", [True, False])
def test_no_row_holds_a_secret_at_any_time(accepted: bool, charger: ChargePoint) -> None:
    command, new = rotated(charger)
    assert new not in str(list(Command.objects.values()) + list(ChargePoint.objects.values()))
    told(command, accepted=accepted)
    command.refresh_from_db()
    assert command.payload == {"seed": ""}


@pytest.mark.parametrize("key", ["AuthorizationKey", "SecurityCtrlr.BasicAuthPassword", "authorizationKEY"])
def test_a_secret_that_staff_set_as_a_setting_is_forgotten_once_it_is_told(key: str, charger: ChargePoint) -> None:
    wish = intents.Configure(key=key, value="top secret")
    command = commands.enqueue(charge_point=charger, intent=wish, now=NOW)
    told(command, accepted=True)
    command.refresh_from_db()
    assert command.payload == {"key": key, "value": "***"}


def test_a_secret_that_a_charger_tells_is_not_kept_with_the_answer(charger: ChargePoint) -> None:
    command = commands.enqueue(charge_point=charger, intent=intents.GetVariables(), now=NOW)
    Command.objects.update(status="sent")
    usual, secret = {"key": "X", "value": "1"}, {"key": "AuthorizationKey", "readonly": False, "value": "top secret"}
    answer = {"configurationKey": [usual, secret], "unknownKey": []}
    commands.answered(command_id=command.pk, accepted=True, answer=answer, now=NOW)
    command.refresh_from_db()
    assert command.result == {"configurationKey": [usual, {**secret, "value": "***"}], "unknownKey": []}


@pytest.mark.parametrize(("name", "component"), [("AuthorizationKey", ""), ("BasicAuthPassword", "SecurityCtrlr")])
def test_a_password_is_not_set_as_any_setting(name: str, component: str, charger: ChargePoint) -> None:
    with pytest.raises(Refused):
        configuration.change(
            charge_point=charger, variables=[intents.Variable(name, component, value="x" * 16)], now=NOW
        )
    assert not Command.objects.exists()


def test_a_charger_that_has_no_password_gets_none(charger: ChargePoint) -> None:
    security.set_profile(charge_point=charger, profile=0, allow_downgrade=True)
    with pytest.raises(Refused):
        security.rotate_secret(charge_point=charger, now=NOW)


def test_a_secret_replaced_by_hand_is_the_only_one(charger: ChargePoint) -> None:
    _, pending = rotated(charger)
    secret = security.replace_secret(charge_point=charger, now=NOW)
    assert len(secret) == 32
    assert admitted(secret) == charger
    assert {admitted(), admitted(pending)} == {Refusal.WRONG_SECRET}


def test_tc_083_a_raised_profile_holds_from_the_first_connection_that_lives_up_to_it(charger: ChargePoint) -> None:
    command = security.upgrade_profile(charge_point=charger, profile=2, now=NOW)
    assert (command.kind, command.payload) == ("configure", {"key": "SecurityProfile", "value": "2"})
    assert admitted(by_tls=True) == charger
    assert admitted() == charger, "asked is not accepted"
    told(command, accepted=True)
    for _ in range(2):
        assert admitted() == charger, "it may fall back when TLS fails"
    assert admitted(by_tls=True) == charger
    assert admitted() == Refusal.NO_TLS


def test_a_raised_profile_that_the_charger_refuses_changes_nothing(charger: ChargePoint) -> None:
    told(security.upgrade_profile(charge_point=charger, profile=2, now=NOW), accepted=False)
    assert (admitted(by_tls=True), admitted()) == (charger, charger)


def test_a_profile_is_never_lowered_by_the_way(charger: ChargePoint) -> None:
    security.set_profile(charge_point=charger, profile=2)
    for profile in (0, 1, 2, 3):
        with pytest.raises(Refused):
            security.upgrade_profile(charge_point=charger, profile=profile, now=NOW)
    for profile in (0, 1, 3):
        with pytest.raises(Refused):
            security.set_profile(charge_point=charger, profile=profile)
    wish = intents.Configure(key="SecurityProfile", value="0")
    told(commands.enqueue(charge_point=charger, intent=wish, now=NOW), accepted=True)
    assert admitted(by_tls=True) == charger
    assert admitted("", user="", by_tls=True) == Refusal.WRONG_SECRET
    assert admitted() == Refusal.NO_TLS


def test_a_charger_of_2_0_1_gets_a_network_profile_an_order_and_a_restart(charger: ChargePoint, settings: Any) -> None:
    settings.PUBLIC_URL = "https://charge.example.org"
    charger.ocpp_version = "2.0.1"
    told(security.upgrade_profile(charge_point=charger, profile=2, now=NOW), accepted=True)
    network, order = Command.objects.order_by("pk")
    assert (network.payload["url"], network.payload["security_profile"]) == ("wss://charge.example.org/ocpp", 2)
    assert order.payload == {"key": "OCPPCommCtrlr.NetworkConfigurationPriority", "value": "2,1"}
    told(order, accepted=True)
    assert Command.objects.latest("pk").kind == "reset"
    assert admitted() == charger, "it may fall back when TLS fails"
    assert (admitted(by_tls=True), admitted()) == (charger, Refusal.NO_TLS)


def test_the_slots_that_work_stay_behind_the_new_one(charger: ChargePoint) -> None:
    charger.ocpp_version = "2.0.1"
    DeviceVariable.objects.create(
        charge_point=charger,
        component="OCPPCommCtrlr",
        name="NetworkConfigurationPriority",
        value="3,1",
        reported_at=NOW,
    )
    asked = security.upgrade_profile(charge_point=charger, profile=2, now=NOW, slot=1, url="wss://else.example/ocpp")
    told(asked, accepted=True)
    assert Command.objects.latest("pk").payload["value"] == "1,3"


@pytest.mark.parametrize("refused_step", [0, 1])
def test_a_step_that_the_charger_refuses_is_the_last(refused_step: int, charger: ChargePoint) -> None:
    charger.ocpp_version = "2.0.1"
    security.upgrade_profile(charge_point=charger, profile=2, now=NOW, url="wss://charge.example.org/ocpp")
    for step in range(refused_step + 1):
        told(Command.objects.latest("pk"), accepted=step < refused_step)
    assert Command.objects.count() == refused_step + 1
    assert (admitted(by_tls=True), admitted()) == (charger, charger)


def test_nobody_is_sent_to_an_address_that_is_not_known(charger: ChargePoint, settings: Any) -> None:
    settings.PUBLIC_URL = "http://localhost"
    for version in ("2.0.1", ""):
        charger.ocpp_version = version
        with pytest.raises(NotAvailable):
            security.upgrade_profile(charge_point=charger, profile=2, now=NOW)


def test_another_network_profile_changes_no_security_profile(charger: ChargePoint) -> None:
    wish = intents.SetNetworkProfile(slot=1, url="wss://else.example/ocpp", security_profile=2)
    told(commands.enqueue(charge_point=charger, intent=wish, now=NOW), accepted=True)
    assert Command.objects.count() == 1


def noted(**facts: Any) -> None:
    usual: dict[str, Any] = {"identity": "X", "refusal": Refusal.UNKNOWN, "address": "192.0.2.1", "times": 1}
    security.note_refusal(**{**usual, "now": NOW, **facts})


def test_who_is_turned_away_is_kept_once_with_a_count() -> None:
    noted()
    noted(times=40, address="192.0.2.2", now=NOW + timedelta(hours=1))
    noted(refusal=Refusal.NO_TLS)
    row = RefusedCharger.objects.get(reason="unknown")
    assert (row.times, row.address, row.first_at, row.last_at) == (41, "192.0.2.2", NOW, NOW + timedelta(hours=1))
    security.forget_refusals(identity="X")
    assert not RefusedCharger.objects.exists()


def test_who_does_not_come_again_is_forgotten_after_a_month() -> None:
    noted()
    noted(identity="Y", now=NOW + timedelta(days=1))
    assert security.forget_old_refusals(now=NOW + timedelta(days=30, hours=12)) == 1
    assert RefusedCharger.objects.get().identity == "Y"


def test_of_invented_identities_the_newest_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "MOST_REFUSED_KEPT", 3)
    for number in range(5):
        noted(identity=f"X{number}" + "y" * 60, now=NOW + timedelta(seconds=number))
    assert {row.identity[:2] for row in RefusedCharger.objects.all()} == {"X2", "X3", "X4"}
