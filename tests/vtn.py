"""A small OpenADR 3 server (VTN) on a free port, as far as a client (VEN) needs it.

After the public definition of OpenADR 3.0.1 (openadr3.yaml): log-in by client credentials, events by pages of at most
fifty, reports with their required fields, errors as problem objects.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CLIENT_ID, SECRET, TOKEN = "twinev-ven", "s3cret/with:signs", "a-bearer-token"
_PATH = "/openadr3/3.0.1"
_MOST = 50


class Vtn:
    """What it publishes and was told; ``fails`` makes every answer this HTTP status."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.reports: list[dict[str, Any]] = []
        self.log_ins: list[dict[str, str]] = []
        self.fails = 0
        self.url = ""

    def publish(self, event_id: str, *intervals: dict[str, Any], **values: Any) -> dict[str, Any]:
        """A new event, or another one of the same id in its place."""
        stamp = datetime.now(UTC).isoformat()
        event = {"id": event_id, "objectType": "EVENT", "createdDateTime": stamp, "modificationDateTime": stamp}
        event |= {"programID": "dynamic-capacity", "eventName": f"Event {event_id}", "intervals": list(intervals)}
        self.withdraw(event_id)
        self.events.append(event | values)
        return self.events[-1]

    def withdraw(self, event_id: str) -> None:
        self.events = [it for it in self.events if it["id"] != event_id]


def interval(number: int, *, start: datetime | None = None, duration: str = "PT1H", **limits: float) -> dict[str, Any]:
    """``import_kw`` and ``export_kw`` as payloads; without a start it follows the interval before."""
    names = {"import_kw": "IMPORT_CAPACITY_LIMIT", "export_kw": "EXPORT_CAPACITY_LIMIT"}
    found: dict[str, Any] = {"id": number}
    if start is not None:
        found["intervalPeriod"] = {"start": start.isoformat(), "duration": duration}
    return found | {"payloads": [{"type": names[name], "values": [value]} for name, value in limits.items()]}


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    # The client keeps its connection for the next page.
    protocol_version = "HTTP/1.1"

    def log_message(self, *_args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        if not self._refused():
            query = parse_qs(urlsplit(self.path).query)
            skip, limit = int(query.get("skip", ["0"])[0]), int(query.get("limit", [str(_MOST)])[0])
            if limit > _MOST:
                return self._problem(400, "limit is at most 50")
            self._answer(200, self.server.vtn.events[skip : skip + limit])
        return None

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if urlsplit(self.path).path == f"{_PATH}/auth/token":
            return self._log_in({name: values[0] for name, values in parse_qs(body.decode()).items()})
        if self._refused():
            return None
        report = json.loads(body)
        missing = {"programID", "eventID", "clientName", "resources"} - set(report)
        if missing or not all({"resourceName", "intervals"} <= set(it) for it in report["resources"]):
            return self._problem(400, f"missing {sorted(missing)}")
        self.server.vtn.reports.append(report)
        return self._answer(201, {"id": f"report-{len(self.server.vtn.reports)}"} | report)

    def _log_in(self, form: dict[str, str]) -> None:
        self.server.vtn.log_ins.append(form)
        if self.server.vtn.fails or (form["client_id"], form["client_secret"]) != (CLIENT_ID, SECRET):
            return self._answer(400, {"error": "invalid_client"})
        return self._answer(200, {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600})

    def _refused(self) -> bool:
        if self.server.vtn.fails:
            self._problem(self.server.vtn.fails, "out of order")
        elif self.headers.get("Authorization") != f"Bearer {TOKEN}":
            self._problem(403, "no token")
        elif not urlsplit(self.path).path.startswith(_PATH):
            self._problem(404, "no such path")
        else:
            return False
        return True

    def _problem(self, status: int, title: str) -> None:
        self._answer(status, {"title": title, "status": status})

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, vtn: Vtn) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.vtn = vtn


@contextmanager
def running() -> Iterator[Vtn]:
    """A server that listens, with its address for TWINEV_OPENADR_SERVERS in ``url``."""
    vtn = Vtn()
    with _Server(vtn) as server:
        vtn.url = f"http://{CLIENT_ID}:s3cret%2Fwith%3Asigns@127.0.0.1:{server.server_port}{_PATH}"
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        try:
            yield vtn
        finally:
            server.shutdown()
