"""Security profile 3: a charger proves who it is by its own certificate."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chargepoints.domain.errors import NotAvailable, Refused
from chargepoints.models import ChargePoint, ChargerCertificate, Command
from chargepoints.services import commands, own_certificates, security
from chargepoints.services.security import Knock, Refusal
from tests import factories
from tests.chargepoints import pems
from tests.factories import NOW, SECRET

pytestmark = pytest.mark.django_db
CA, KEY = pems.new_key(), pems.new_key()
OWN = pems.certificate(KEY, issuer_key=CA, subject="CP 1")


@pytest.fixture(autouse=True)
def authority(tmp_path: Path, settings: Any) -> None:
    path = tmp_path / "ca.pem"
    path.write_text(pems.certificate(CA, issuer="Root"))
    settings.CHARGER_CA = str(path)


@pytest.fixture
def charger() -> ChargePoint:
    row = factories.charge_point(identity="CP 1")
    ChargePoint.objects.update(security_profile=3, ocpp_version="1.6")
    row.refresh_from_db()
    return row


def admitted(pem: str = OWN, secret: str = "", *, by_tls: bool = True) -> ChargePoint | Refusal:
    user, secrets = ("CP 1", (secret,)) if secret else ("", ())
    return security.admit(knock=Knock(("CP 1",), user, secrets, by_tls, pem), now=NOW)


def test_its_own_certificate_lets_a_charger_in_and_no_password_does(charger: ChargePoint) -> None:
    assert admitted() == charger
    assert admitted("", SECRET) == Refusal.CERTIFICATE
    assert admitted("no certificate") == Refusal.CERTIFICATE
    assert admitted(pems.certificate(KEY, issuer_key=CA, subject="CP 2")) == Refusal.CERTIFICATE
    assert admitted(pems.certificate(KEY, subject="CP 1")) == Refusal.CERTIFICATE
    assert admitted(by_tls=False) == Refusal.NO_TLS


def test_the_serial_number_names_a_charger_as_well(charger: ChargePoint) -> None:
    by_serial = pems.certificate(KEY, issuer_key=CA, subject="SN-77")
    assert admitted(by_serial) == Refusal.CERTIFICATE
    ChargePoint.objects.update(serial_number="sn-77")
    assert admitted(by_serial) == charger


def test_a_certificate_that_another_one_replaced_opens_nothing(charger: ChargePoint) -> None:
    row = ChargerCertificate.objects.create(
        charge_point=charger, kind="ChargePointCertificate", status="installed", pem=OWN, created_at=NOW, status_at=NOW
    )
    assert admitted() == charger
    ChargerCertificate.objects.filter(pk=row.pk).update(status="deleted")
    assert admitted() == Refusal.CERTIFICATE


def test_where_no_authority_is_set_no_certificate_counts_and_nobody_is_asked_for_one(
    charger: ChargePoint, settings: Any
) -> None:
    settings.CHARGER_CA = ""
    assert not own_certificates.are_known()
    assert admitted() == Refusal.CERTIFICATE
    ChargePoint.objects.update(security_profile=2)
    charger.refresh_from_db()
    with pytest.raises(Refused, match="TWINEV_CHARGER_CA"):
        security.upgrade_profile(charge_point=charger, profile=3, now=NOW)
    with pytest.raises(Refused, match="TWINEV_CHARGER_CA"):
        security.set_profile(charge_point=charger, profile=3)


def test_a_charger_is_raised_to_profile_3_by_coming_with_its_certificate(charger: ChargePoint) -> None:
    ChargePoint.objects.update(security_profile=2)
    charger.refresh_from_db()
    command = security.upgrade_profile(charge_point=charger, profile=3, now=NOW)
    Command.objects.filter(pk=command.pk).update(status="sent")
    commands.answered(command_id=command.pk, accepted=True, answer={}, now=NOW)
    assert admitted("", SECRET) == charger, "it may fall back until then"
    charger.refresh_from_db()
    assert (charger.security_profile, charger.pending_security_profile) == (2, 3)
    assert admitted() == charger
    charger.refresh_from_db()
    assert (charger.security_profile, charger.pending_security_profile) == (3, None)
    assert admitted("", SECRET) == Refusal.CERTIFICATE
    with pytest.raises(Refused, match="no password"):
        security.rotate_secret(charge_point=charger, now=NOW)


def test_a_charger_that_is_not_asked_for_a_certificate_needs_its_password(charger: ChargePoint) -> None:
    ChargePoint.objects.update(security_profile=2)
    assert admitted() == Refusal.WRONG_SECRET
    assert admitted("", SECRET) == charger


def test_a_charger_of_2_0_1_is_sent_to_where_certificates_are_asked_for(charger: ChargePoint, settings: Any) -> None:
    ChargePoint.objects.update(security_profile=2, ocpp_version="2.0.1")
    charger.refresh_from_db()
    settings.PUBLIC_URL = ""
    with pytest.raises(NotAvailable):
        security.upgrade_profile(charge_point=charger, profile=3, now=NOW)
    settings.CHARGER_URL = "wss://charge.example.org:8444/ocpp"
    command = security.upgrade_profile(charge_point=charger, profile=3, now=NOW + timedelta(minutes=1))
    assert (command.payload["url"], command.payload["security_profile"]) == (settings.CHARGER_URL, 3)
