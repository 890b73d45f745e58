"""Keys and certificates made for tests."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=365)
Key = ec.EllipticCurvePrivateKey


def new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _pem(thing: x509.Certificate | x509.CertificateSigningRequest) -> str:
    return thing.public_bytes(serialization.Encoding.PEM).decode()


def signing_request(key: Key, common_name: str = "CP 1") -> str:
    return _pem(x509.CertificateSigningRequestBuilder().subject_name(_name(common_name)).sign(key, hashes.SHA256()))


def certificate(
    key: Key,
    *,
    issuer: str = "Root",
    issuer_key: Key | None = None,
    subject: str = "CP 1",
    until: datetime = UNTIL,
    use: x509.ObjectIdentifier | None = None,
) -> str:
    """A certificate for a key; without ``issuer_key`` it signs itself."""
    subject = subject if issuer_key else issuer
    builder = x509.CertificateBuilder().subject_name(_name(subject)).issuer_name(_name(issuer))
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    if use:
        builder = builder.add_extension(x509.ExtendedKeyUsage([use]), critical=False)
    return _pem(builder.not_valid_before(SINCE).not_valid_after(until).sign(issuer_key or key, hashes.SHA256()))


def signed(request: str, *, issuer_key: Key, issuer: str = "Root") -> str:
    """The certificate that a request asks for."""
    read = x509.load_pem_x509_csr(request.encode())
    builder = x509.CertificateBuilder().subject_name(read.subject).issuer_name(_name(issuer))
    builder = builder.public_key(read.public_key()).serial_number(x509.random_serial_number())
    return _pem(builder.not_valid_before(SINCE).not_valid_after(UNTIL).sign(issuer_key, hashes.SHA256()))
