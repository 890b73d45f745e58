"""Signed meter readings in the shape of the Open Charge Metering Format: whoever stores them must not touch them.

The signature is a digest in place of one: nobody verifies here, but a changed byte can be seen.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

METHOD = "ECDSA-secp256r1-SHA256"
ENCODING = "OCMF"
PUBLIC_KEY = "3059301306072A8648CE3D020106082A8648CE3D030107034200"


def signed_reading(*, serial: str, at: datetime, register_wh: float, number: int) -> str:
    """One reading as OCMF text."""
    reading = {"TM": at.strftime("%Y-%m-%dT%H:%M:%S,000+0000 S"), "RV": round(register_wh / 1000, 3), "RU": "kWh"}
    body = json.dumps({"FV": "1.0", "GS": serial, "PG": f"T{number}", "RD": [reading]}, separators=(",", ":"))
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f'OCMF|{body}|{{"SA":"{METHOD}","SD":"{digest}"}}'
