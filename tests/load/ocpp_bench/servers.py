"""The servers that are compared, each started as a process of its own."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import servers

ROOT = servers.ROOT
Process = subprocess.Popen[Any]


@dataclass(frozen=True)
class Server:
    """``url``: where chargers connect, less "/" and their identity."""

    name: str
    url: str
    process: Process

    @property
    def pid(self) -> int:
        return self.process.pid


@contextlib.contextmanager
def bare(port: int = 0) -> Iterator[Server]:
    """The library's example, both versions."""
    port = port or servers.free_port()
    command = [sys.executable, "-m", "tests.load.ocpp_bench.bare_server", str(port)]
    with _running(command, port, Path(os.devnull), {}) as process:
        yield Server("ocpp library", f"ws://127.0.0.1:{port}", process)


@contextlib.contextmanager
def rpc() -> Iterator[Server]:
    """A server on npm's ocpp-rpc, both versions."""
    port = servers.free_port()
    command = [servers.program("node"), str(Path(__file__).with_name("rpc_server.js")), str(port)]
    modules = {"NODE_PATH": str(ROOT / "tests" / "ocpp_rpc" / "node_modules")}
    with _running(command, port, Path(os.devnull), modules) as process:
        yield Server("ocpp-rpc", f"ws://127.0.0.1:{port}", process)


def production(*, database_url: str, redis_url: str, folder: Path) -> dict[str, str]:
    """The environment of a production set-up, but without TLS."""
    return {
        "DJANGO_SETTINGS_MODULE": "twinev.settings",
        "TWINEV_SECRET_KEY": "only-for-measuring-" + "x" * 40,
        "TWINEV_ALLOWED_HOSTS": "127.0.0.1,localhost",
        "TWINEV_HTTPS": "0",
        "TWINEV_DATA_DIR": str(folder),
        "TWINEV_STATIC_ROOT": str(folder / "static"),
        "EMAIL_URL": "console://",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
    }


@contextlib.contextmanager
def web(environment: Mapping[str, str], folder: Path, port: int = 0) -> Iterator[Server]:
    """Our web process, as compose.yaml starts it."""
    port = port or servers.free_port()
    log = folder / f"web-{port}.log"
    started = {**environment, "PORT": str(port), "HOST": "127.0.0.1", "VENV": str(Path(sys.executable).parent.parent)}
    with _running([str(ROOT / "scripts" / "process.sh"), "web"], port, log, started) as process:
        yield Server("TwinEV", f"ws://127.0.0.1:{port}/ocpp", process)


@contextlib.contextmanager
def background(environment: Mapping[str, str], folder: Path, *, yields: bool = True) -> Iterator[None]:
    """Worker and beat, as compose.yaml starts them; unless they are what is measured they yield: elsewhere they have a
    processor of their own."""
    started = os.environ | environment | {"VENV": str(Path(sys.executable).parent.parent)}
    nice = ["nice"] if yields else []
    with contextlib.ExitStack() as stack:
        for part in ("worker", "beat"):
            log = stack.enter_context((folder / f"{part}.log").open("ab"))
            process = subprocess.Popen(
                [*nice, str(ROOT / "scripts" / "process.sh"), part], cwd=ROOT, env=started, stdout=log, stderr=log
            )
            stack.callback(servers.end, process)
        yield


@contextlib.contextmanager
def _running(command: list[str], port: int, log_path: Path, environment: Mapping[str, str]) -> Iterator[Process]:
    with log_path.open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=log, stderr=log)
    try:
        servers.wait_until(lambda: servers.listens(port), process, command[-2])
        yield process
    finally:
        servers.end(process)
