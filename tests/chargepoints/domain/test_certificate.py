"""What a PEM says, and how OCPP calls a certificate."""

from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from chargepoints.domain import certificate
from chargepoints.domain.certificate import CertificateHash
from tests.chargepoints import pems


def test_a_root_is_called_by_its_own_hashes() -> None:
    read = certificate.read(pems.certificate(pems.new_key(), issuer="Root"))
    told = certificate.hash_of_root(read)
    expected = ocsp.OCSPRequestBuilder().add_certificate(read, read, hashes.SHA256()).build()
    assert (told.issuer_name_hash, told.issuer_key_hash) == (
        expected.issuer_name_hash.hex(),
        expected.issuer_key_hash.hex(),
    )
    assert (told.algorithm, len(told.issuer_key_hash), int(told.serial_number, 16)) == (
        "SHA256",
        64,
        read.serial_number,
    )


def test_the_same_certificate_is_known_however_its_digits_are_written() -> None:
    one = CertificateHash("SHA256", "aa", "bb", "0a1")
    assert one.key == CertificateHash("sha256", "AA", "BB", "A1").key
    assert one.key != CertificateHash("SHA256", "aa", "bb", "a2").key
    assert CertificateHash("SHA256", "", "", "000").key[-1] == "0"


def test_a_certificate_belongs_to_the_request_with_its_key() -> None:
    key, ca = pems.new_key(), pems.new_key()
    request = certificate.read_request(pems.signing_request(key))
    assert certificate.is_for(certificate.read(pems.certificate(key, issuer_key=ca)), request)
    assert not certificate.is_for(certificate.read(pems.certificate(pems.new_key(), issuer_key=ca)), request)


def test_the_first_of_a_chain_is_meant() -> None:
    key, ca = pems.new_key(), pems.new_key()
    chain = pems.certificate(key, issuer_key=ca, subject="CP 1") + pems.certificate(ca, issuer="Root")
    read = certificate.read(chain)
    assert read.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value == "CP 1"
    assert certificate.valid_to(read) == pems.UNTIL


@pytest.mark.parametrize("pem", ["", "PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "ä\x00"])
def test_rubbish_is_no_certificate_and_no_request(pem: str) -> None:
    for read in (certificate.read, certificate.read_request):
        with pytest.raises(ValueError):
            read(pem)


CA = pems.new_key()
SOON = pems.SINCE + timedelta(days=1)


def _counts(pem: str, *, now: datetime = SOON, until: datetime = pems.UNTIL) -> bool:
    authority = certificate.read(pems.certificate(CA, issuer="Root", until=until))
    return certificate.counts(certificate.read(pem), [authority], now)


def test_a_certificate_counts_while_it_and_its_authority_are_in_force_and_for_what_it_is_meant() -> None:
    key = pems.new_key()
    good = pems.certificate(key, issuer_key=CA)
    assert _counts(good)
    assert _counts(pems.certificate(key, issuer_key=CA, use=ExtendedKeyUsageOID.CLIENT_AUTH))
    assert not _counts(pems.certificate(key, issuer_key=CA, use=ExtendedKeyUsageOID.SERVER_AUTH))
    assert not _counts(good, now=pems.SINCE - timedelta(seconds=1))
    assert not _counts(good, now=pems.UNTIL + timedelta(seconds=1))
    assert not _counts(good, until=SOON - timedelta(seconds=1))


def test_a_certificate_by_nobody_whom_we_know_does_not_count() -> None:
    key, stranger = pems.new_key(), pems.new_key()
    assert not _counts(pems.certificate(key, issuer_key=stranger)), "the authority's name, another key"
    assert not _counts(pems.certificate(CA, issuer_key=CA, issuer="Else"))
    assert not _counts(pems.certificate(key))
