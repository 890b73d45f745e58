"""Certificates that chargers ask for, and the roots that they trust."""

from typing import Any

import pytest

from chargepoints.domain import certificate as domain
from chargepoints.domain.certificate import CertificateHash
from chargepoints.domain.errors import Refused
from chargepoints.domain.reports import CertificatesReported
from chargepoints.models import ChargePoint, ChargerCertificate, Command
from chargepoints.services import answers, certificates, commands
from tests import factories
from tests.chargepoints import pems
from tests.factories import NOW

pytestmark = pytest.mark.django_db
USE = "CentralSystemRootCertificate"
KEY, CA = pems.new_key(), pems.new_key()
REQUEST = pems.signing_request(KEY)
ROOT = pems.certificate(CA, issuer="Root")


@pytest.fixture
def charger() -> ChargePoint:
    charge_point = factories.charge_point()
    ChargePoint.objects.filter(pk=charge_point.pk).update(connection_key="link")
    return charge_point


def ask(charger: ChargePoint, request: str = REQUEST) -> bool:
    return certificates.request_signing(charge_point_id=charger.pk, signing_request=request, now=NOW)


def answer(charger: ChargePoint, status: str, *, accepted: bool | None = None) -> Command:
    command = factories.taken(charger.pk)
    taken = status == "Accepted" if accepted is None else accepted
    commands.answered(command_id=command.pk, accepted=taken, answer={"status": status}, now=NOW)
    return command


def install(charger: ChargePoint, status: str = "Accepted", pem: str = ROOT) -> ChargerCertificate:
    row = certificates.install(charge_point=charger, use=USE, pem=pem, now=NOW)
    answer(charger, status)
    row.refresh_from_db()
    return row


def tell(charger: ChargePoint, *told: CertificateHash) -> None:
    command = certificates.ask_installed(charge_point=charger, use=USE, now=NOW)
    answers.keep(command=command, report=CertificatesReported(USE, told), now=NOW)


def states() -> list[tuple[str, str]]:
    return list(ChargerCertificate.objects.order_by("pk").values_list("status", "reason"))


def test_a_request_is_kept_once(charger: ChargePoint) -> None:
    assert ask(charger)
    assert ask(charger)
    row = ChargerCertificate.objects.get()
    assert (row.kind, row.status, row.signing_request) == ("ChargePointCertificate", "requested", REQUEST)
    assert list(certificates.open_requests()) == [row]


def test_rubbish_is_refused_and_kept_with_the_reason(charger: ChargePoint) -> None:
    assert not ask(charger, "rubbish")
    assert not ask(charger, "rubbish")
    row = ChargerCertificate.objects.get()
    assert row.status == "refused"
    assert row.reason
    assert not certificates.open_requests().exists()


def test_a_newer_request_takes_the_place_of_the_older(charger: ChargePoint) -> None:
    ask(charger)
    ask(charger, pems.signing_request(pems.new_key()))
    assert states() == [("refused", "replaced"), ("requested", "")]


def test_requests_without_end_fill_no_table(charger: ChargePoint) -> None:
    for number in range(25):
        ask(charger, f"rubbish {number}")
    ask(charger)
    assert ChargerCertificate.objects.count() == 21
    assert certificates.open_requests().count() == 1


def test_a_signed_certificate_goes_to_the_charger_and_replaces_the_last_one(charger: ChargePoint) -> None:
    for key in (KEY, pems.new_key()):
        ask(charger, pems.signing_request(key))
        row = certificates.open_requests().get()
        signed = pems.certificate(key, issuer_key=CA)
        command = certificates.send_signed(certificate=row, pem=signed, now=NOW)
        assert (command.payload, row.status) == ({"pem": signed}, "sent")
        answer(charger, "Accepted")
    assert states() == [("deleted", "replaced"), ("installed", "")]
    assert ChargerCertificate.objects.first().valid_to == pems.UNTIL


def test_a_charger_that_refuses_its_certificate_says_so_in_the_row(charger: ChargePoint) -> None:
    ask(charger)
    row = certificates.open_requests().get()
    certificates.send_signed(certificate=row, pem=pems.certificate(KEY, issuer_key=CA), now=NOW)
    answer(charger, "Rejected")
    assert states() == [("refused", "Rejected")]


@pytest.mark.parametrize(
    "pem", ["rubbish", pems.certificate(pems.new_key(), issuer_key=CA), pems.certificate(KEY, issuer_key=CA) * 30]
)
def test_what_does_not_belong_to_the_request_is_not_sent(charger: ChargePoint, pem: str) -> None:
    ask(charger)
    row = certificates.open_requests().get()
    with pytest.raises(Refused):
        certificates.send_signed(certificate=row, pem=pem, now=NOW)
    assert (Command.objects.count(), states()) == (0, [("requested", "")])


def test_a_request_is_answered_once(charger: ChargePoint) -> None:
    ask(charger)
    row = certificates.open_requests().get()
    signed = pems.certificate(KEY, issuer_key=CA)
    certificates.send_signed(certificate=row, pem=signed, now=NOW)
    with pytest.raises(Refused):
        certificates.send_signed(certificate=row, pem=signed, now=NOW)


@pytest.mark.parametrize(
    ("status", "state"), [("Accepted", "installed"), ("Failed", "refused"), ("Rejected", "refused")]
)
def test_a_root_is_installed_or_refused(charger: ChargePoint, status: str, state: str) -> None:
    row = install(charger, status)
    assert (row.kind, row.status, row.reason) == (USE, state, "" if state == "installed" else status)
    assert row.hash_data["serialNumber"] == domain.hash_of_root(domain.read(ROOT)).serial_number


def test_the_same_root_again_is_there_once(charger: ChargePoint) -> None:
    install(charger)
    install(charger)
    assert states() == [("deleted", "replaced"), ("installed", "")]


@pytest.mark.parametrize(("use", "pem"), [("V2GRootCertificate", ROOT), (USE, "rubbish"), (USE, ROOT * 20)])
def test_what_no_charger_can_take_is_refused(charger: ChargePoint, use: str, pem: str) -> None:
    with pytest.raises(Refused):
        certificates.install(charge_point=charger, use=use, pem=pem, now=NOW)
    assert Command.objects.count() == 0


@pytest.mark.parametrize(
    ("status", "accepted", "state"),
    [("Accepted", True, "deleted"), ("NotFound", True, "deleted"), ("Failed", False, "installed")],
)
def test_a_root_is_deleted_unless_the_charger_cannot(
    charger: ChargePoint, status: str, accepted: bool, state: str
) -> None:
    row = install(charger)
    command = certificates.delete(certificate=row, now=NOW)
    assert command.payload["serial_number"] == row.hash_data["serialNumber"]
    answer(charger, status, accepted=accepted)
    assert states() == [(state, status)]


def test_only_a_root_that_is_there_can_be_deleted(charger: ChargePoint) -> None:
    refused = install(charger, "Rejected")
    with pytest.raises(Refused):
        certificates.delete(certificate=refused, now=NOW)
    ask(charger)
    with pytest.raises(Refused):
        certificates.delete(certificate=certificates.open_requests().get(), now=NOW)


def test_the_charger_knows_best_what_it_has(charger: ChargePoint) -> None:
    install(charger)
    lost = pems.certificate(pems.new_key(), issuer="Lost")
    install(charger, pem=lost)
    unanswered = certificates.install(charge_point=charger, use=USE, pem=pems.certificate(CA, issuer="New"), now=NOW)
    foreign = CertificateHash("SHA384", "AA", "BB", "CC")
    tell(charger, _in_capitals(ROOT), domain.hash_of_root(domain.read(unanswered.pem)), foreign)
    assert states() == [
        ("installed", ""),
        ("deleted", "not in the charger any more"),
        ("installed", ""),
        ("installed", "told by the charger"),
    ]
    tell(charger)
    assert {state for state, _ in states()} == {"deleted"}


def test_a_root_that_the_charger_hashes_in_its_own_way_is_the_same_and_deleted_by_its_own_words(
    charger: ChargePoint,
) -> None:
    row = install(charger)
    told = CertificateHash("SHA256", "aa", "bb", row.hash_data["serialNumber"].upper())
    tell(charger, told)
    assert states() == [("installed", "")]
    row.refresh_from_db()
    command = certificates.delete(certificate=row, now=NOW)
    assert (command.payload["issuer_name_hash"], command.payload["issuer_key_hash"]) == ("aa", "bb")


def _in_capitals(pem: str) -> CertificateHash:
    told = domain.hash_of_root(domain.read(pem))
    return CertificateHash(told.algorithm, told.issuer_name_hash.upper(), told.issuer_key_hash, told.serial_number)


def test_another_charger_s_certificates_are_its_own(charger: ChargePoint) -> None:
    install(charger)
    other: Any = factories.charge_point()
    ChargePoint.objects.filter(pk=other.pk).update(connection_key="link")
    tell(other)
    assert states() == [("installed", "")]
