from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from chargepoints.models import ChargePoint, Command, Operator, SupplyPoint
from chargepoints.services import security
from chargepoints.services.security import Knock, Refusal
from tests import factories
from tests.factories import NOW

pytestmark = pytest.mark.django_db
PLACE = ["--operator", "Steinheim Mobil", "--place", "Market"]


def run(*words: str) -> str:
    out = StringIO()
    call_command("charger", *words, stdout=out)
    return out.getvalue()


def password_in(text: str) -> str:
    return text.split("password")[1].split()[0]


def is_let_in(identity: str, secret: str) -> bool:
    answer = security.admit(knock=Knock((identity,), identity, (secret,)), now=NOW)
    return not isinstance(answer, Refusal)


def test_a_charger_is_registered_in_one_line_and_its_password_is_good() -> None:
    security.note_refusal(identity="CP-7", refusal=Refusal.UNKNOWN, address="192.0.2.1", times=3, now=NOW)
    assert "CP-7  not registered  192.0.2.1  3 times" in run("refused")
    told = run("add", "CP-7", *PLACE, "--evse", "22000", "--evse", "11000", "--capacity-w", "30000")
    assert is_let_in("CP-7", password_in(told))
    charger = ChargePoint.objects.get()
    assert list(charger.evses.values_list("number", "max_power_w")) == [(1, 22_000), (2, 11_000)]
    assert charger.supply_point.contracted_capacity_w == 30_000
    assert run("refused") == ""


def test_a_second_one_at_the_place_shares_its_grid_connection() -> None:
    run("add", "CP-7", *PLACE, "--evse", "22000")
    run("add", "CP-8", *PLACE, "--evse", "22000", "--profile", "2")
    assert (Operator.objects.count(), SupplyPoint.objects.count()) == (1, 1)
    assert ChargePoint.objects.get(identity="CP-8").security_profile == 2
    with pytest.raises(CommandError, match="already"):
        run("add", "cp-7", *PLACE, "--evse", "22000")


def test_a_password_is_changed_by_the_charger_or_by_hand() -> None:
    charger = factories.charge_point(identity="CP-7")
    run("password", "CP-7")
    assert Command.objects.get(charge_point=charger).kind == "set_secret"
    assert is_let_in("CP-7", password_in(run("password", "CP-7", "--by-hand")))
    assert not is_let_in("CP-7", factories.SECRET)


def test_a_profile_is_demanded_told_and_never_lowered_unasked() -> None:
    factories.charge_point(identity="CP-7", connected=False)
    ChargePoint.objects.update(ocpp_version="1.6")
    run("profile", "CP-7", "2", "--tell")
    assert Command.objects.get().payload == {"key": "SecurityProfile", "value": "2"}
    run("profile", "CP-7", "2")
    with pytest.raises(CommandError, match="raised"):
        run("profile", "CP-7", "0")
    run("profile", "CP-7", "0", "--allow-lower")
    assert ChargePoint.objects.get().security_profile == 0


def test_one_that_does_not_exist_is_said_to_be_so() -> None:
    with pytest.raises(CommandError, match="no charge point"):
        run("password", "CP-9")


def test_a_dialect_is_set_and_left_to_the_tables_again() -> None:
    factories.charge_point(identity="CP-7")
    ChargePoint.objects.update(vendor="TwinEV")
    assert "CP-7: setpoint-messages" in run("dialect", "CP-7", "setpoint-messages")
    assert ChargePoint.objects.get().dialect_is_fixed
    assert "CP-7: negative-limits" in run("dialect", "CP-7", "found")
    assert not ChargePoint.objects.get().dialect_is_fixed
    with pytest.raises(CommandError, match="invalid choice"):
        run("dialect", "CP-7", "klingon")
