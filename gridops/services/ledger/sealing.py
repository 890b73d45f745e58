"""The digest of a ledger that is handed on, and its seal.

The digest (SHA-256) tells whether a file is as it was written; anybody recomputes it. The seal is the digest signed
with the server's own key: only the server that wrote a file can make it, and check it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.signing import BadSignature, Signer

_SALT = "gridops.ledger"
_LAST_LINE = re.compile(r"# sha256: (?P<digest>[0-9a-f]{64}) seal: (?P<seal>[\w-]+)\r?\n?")


class NotALedger(ValueError):
    """The file is none that was written here."""


@dataclass(frozen=True)
class Checked:
    """What became of a file on its way: as written, and written by this server."""

    is_whole: bool
    is_ours: bool


def canonical(body: Mapping[str, Any]) -> bytes:
    """Keys sorted, no spaces, UTF-8 without escapes: the bytes that the digest is of."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sealed_json(body: Mapping[str, Any]) -> str:
    """The body with its digest, as JSON."""
    digest = hashlib.sha256(canonical(body)).hexdigest()
    return json.dumps({**body, "sha256": digest, "seal": _seal(digest)}, ensure_ascii=False)


def sealed_lines(text: str) -> str:
    """The lines with their digest as the last one."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{text}# sha256: {digest} seal: {_seal(digest)}\r\n"


def check(content: bytes) -> Checked:
    """Whether a file's digest and seal are right. Raises NotALedger."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotALedger("not UTF-8") from error
    return _check_json(text) if text.lstrip().startswith("{") else _check_lines(text)


def _check_json(text: str) -> Checked:
    try:
        body = json.loads(text)
        digest, seal = str(body.pop("sha256")), str(body.pop("seal"))
    except (ValueError, KeyError) as error:
        raise NotALedger("no digest") from error
    return _checked(canonical(body), digest, seal)


def _check_lines(text: str) -> Checked:
    start = text.rstrip("\r\n").rfind("\n") + 1
    found = _LAST_LINE.fullmatch(text[start:])
    if found is None:
        raise NotALedger("no digest in the last line")
    return _checked(text[:start].encode(), found["digest"], found["seal"])


def _checked(content: bytes, digest: str, seal: str) -> Checked:
    is_whole = hashlib.sha256(content).hexdigest() == digest
    return Checked(is_whole, is_whole and _is_seal(digest, seal))


def _seal(digest: str) -> str:
    return Signer(salt=_SALT).signature(digest)


def _is_seal(digest: str, seal: str) -> bool:
    signer = Signer(salt=_SALT)
    try:
        signer.unsign(f"{digest}{signer.sep}{seal}")
    except BadSignature:
        return False
    return True
