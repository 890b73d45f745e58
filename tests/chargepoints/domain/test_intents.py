import json
from datetime import UTC, datetime

import pytest

from chargepoints.domain import intents
from chargepoints.domain.charging_profile import energy_wh, limit_at, merged
from chargepoints.domain.intents import Period

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EXAMPLES = [
    intents.RemoteStart(1, "APP1", remote_start_id=7),
    intents.RemoteStop("42"),
    intents.ReserveNow(1, 5, "APP1", NOON),
    intents.CancelReservation(5),
    intents.SetChargingProfile(1, 101, 1, "tx", NOON, (Period(0, 4200.0), Period(900, -5000.0, 3)), "42", NOON),
    intents.ClearChargingProfile(profile_id=101),
    intents.GetCompositeSchedule(1, 3600),
    intents.Unlock(1),
    intents.Trigger("StatusNotification", 1),
    intents.Reset(immediate=True),
    intents.ChangeAvailability(operative=False),
    intents.Configure("HeartbeatInterval", "60"),
    intents.GetVariables((intents.Variable("A", "C", evse_number=1),)),
    intents.SetVariables((intents.Variable("A", "C", value="1"),)),
    intents.GetReport(1, criteria=("Problem",), variables=(intents.Variable("A"),)),
    intents.SetNetworkProfile(1, "wss://example.org/ocpp", 2),
    intents.ClearCache(),
    intents.SendLocalList(3, True, (intents.ListEntry("A", status="Accepted", expires_at=NOON),)),
    intents.GetLocalListVersion(),
    intents.GetTransactionStatus("42"),
    intents.GetChargingProfiles(1, 0, "tx", (1, 2)),
    intents.UpdateFirmware(1, "https://example.org/a", NOON, NOON),
    intents.GetLog(1, "security", "https://example.org/", NOON),
    intents.DataTransfer("org.example"),
    intents.InstallCertificate("CentralSystemRootCertificate", "PEM"),
    intents.DeleteCertificate("SHA256", "a", "b", "1"),
    intents.GetInstalledCertificates("CentralSystemRootCertificate"),
    intents.SendSignedCertificate("PEM"),
    intents.SetSecret("seed"),
]


@pytest.mark.parametrize("intent", EXAMPLES, ids=lambda intent: intent.kind)
def test_an_intent_survives_the_way_through_a_row(intent: intents.Intent) -> None:
    stored = json.loads(json.dumps(intents.to_payload(intent)))
    assert intents.from_payload(intent.kind, stored) == intent


def test_every_kind_has_an_example() -> None:
    assert {intent.kind for intent in EXAMPLES} == set(intents.KINDS)


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(KeyError):
        intents.from_payload("levitate", {})


def test_neighbouring_periods_of_equal_limit_become_one() -> None:
    assert merged([Period(0, 11_000), Period(900, 11_000.4), Period(1800, 0)]) == (Period(0, 11_000), Period(1800, 0))


def test_the_limit_of_a_moment_is_that_of_the_last_period_begun() -> None:
    periods = [Period(0, 4200), Period(900, 0)]
    assert [limit_at(periods, offset) for offset in (-1, 0, 899, 900)] == [None, 4200, 4200, 0]


def test_the_energy_of_a_schedule_ends_with_its_duration() -> None:
    assert energy_wh([Period(0, 4000), Period(1800, 8000)], 3600) == 6000
