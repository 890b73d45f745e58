"""The proxy of deploy/nginx, run as it is by Debian's nginx, with a certificate by an authority of our own."""

import contextlib
import ipaddress
import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers import ROOT, end, free_port, program, wait_until

NGINX = ROOT / "deploy" / "nginx"


@dataclass(frozen=True)
class Authority:
    """Signs certificates for this machine."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def trusted(self) -> ssl.SSLContext:
        """What a charger has that trusts this authority alone."""
        return ssl.create_default_context(cadata=self.pem)

    def showing(self, common_name: str, folder: Path, *, trusts: "Authority") -> ssl.SSLContext:
        """What a charger has that this authority gave a certificate of its own."""
        context = trusts.trusted()
        context.load_cert_chain(*self.issue(folder, common_name))
        return context

    def issue(self, folder: Path, common_name: str = "localhost") -> tuple[Path, Path]:
        """Certificate and key for this machine, or for a charger, as files."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        made = (
            _certificate(common_name, issuer=self.certificate.subject, key=key)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        chain, private = folder / "fullchain.pem", folder / "privkey.pem"
        chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return chain, private


def authority() -> Authority:
    """One of its own: two of the same name would be taken for each other."""
    key = ec.generate_private_key(ec.SECP256R1())
    words = f"Authority {x509.random_serial_number()}"
    made = (
        _certificate(words, issuer=_name(words), key=key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(key, made)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(subject: str, *, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=_name(subject),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(hours=1),
        not_valid_after=now + timedelta(days=1),
    )


@dataclass(frozen=True)
class Proxy:
    tls_port: int
    charger_port: int
    plain_port: int

    @property
    def wss(self) -> str:
        return f"wss://localhost:{self.tls_port}/ocpp"

    @property
    def asking(self) -> str:
        """Where chargers are asked for a certificate."""
        return f"wss://localhost:{self.charger_port}/ocpp"

    @property
    def ws(self) -> str:
        return f"ws://localhost:{self.plain_port}/ocpp"


@contextlib.contextmanager
def nginx(*, upstream_port: int, signed_by: Authority, folder: Path) -> Iterator[Proxy]:
    """nginx in front of a port of this machine."""
    proxy = Proxy(free_port(), free_port(), free_port())
    chain, key = signed_by.issue(folder)
    words = {
        "TWINEV_UPSTREAM": f"127.0.0.1:{upstream_port}",
        "TWINEV_TLS_PORT": f"127.0.0.1:{proxy.tls_port}",
        "TWINEV_CHARGER_PORT": f"127.0.0.1:{proxy.charger_port}",
        "TWINEV_PLAIN_PORT": f"127.0.0.1:{proxy.plain_port}",
        "TWINEV_TLS_CERTIFICATE": str(chain),
        "TWINEV_TLS_KEY": str(key),
    }
    (folder / "conf.d").mkdir()
    template = (NGINX / "templates" / "twinev.conf.template").read_text()
    (folder / "conf.d" / "twinev.conf").write_text(_filled(template, words))
    (folder / "mime.types").write_text("types { text/html html; }")
    (folder / "nginx.conf").write_text(_moved((NGINX / "nginx.conf").read_text(), folder))
    command = [program("nginx", "/usr/sbin/nginx"), "-p", folder, "-c", folder / "nginx.conf", "-g", "daemon off;"]
    process = subprocess.Popen(command, stdout=(folder / "nginx.log").open("wb"))
    try:
        wait_until(lambda: _listens(proxy.tls_port), process, "nginx")
        yield proxy
    finally:
        end(process)


def _filled(template: str, words: dict[str, str]) -> str:
    """As envsubst does it in nginx's image: names that it does not know stay."""
    return re.sub(r"\$\{(\w+)\}", lambda match: words.get(match[1], match[0]), template)


def _moved(text: str, folder: Path) -> str:
    """The same configuration with its files in a folder of our own, and one worker."""
    own = text.replace("/tmp/", f"{folder}/").replace("/etc/nginx/", f"{folder}/")
    return own.replace("worker_processes auto", "worker_processes 1")


def _listens(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
