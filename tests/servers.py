"""PostgreSQL, Redis and TwinEV itself, started for tests: free ports, temporary folders, ended always."""

import base64
import contextlib
import glob
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
START_WITHIN_S = 60
# For a browser that runs as root, without a graphics card, and asks nobody but this machine.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]


class MissingComponent(RuntimeError):
    """Something that the tests need is not installed. That fails the run: a test left out proves nothing."""


class DidNotStart(RuntimeError):
    pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def program(name: str, *patterns: str) -> str:
    """The path of a program: from PATH, else the newest that fits one of the patterns."""
    found = [shutil.which(name), *(path for pattern in patterns for path in sorted(glob.glob(pattern), reverse=True))]
    path = next((path for path in found if path), None)
    if path is None:
        raise MissingComponent(f"{name} is not installed: run `make test`, which installs what it needs")
    return path


def chromium() -> str:
    return os.environ.get("CHROMIUM") or program("chromium")


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[Any], what: str) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while not ready():
        if process.poll() is not None:
            raise DidNotStart(f"{what} ended with exit code {process.returncode}")
        if time.monotonic() > deadline:
            raise DidNotStart(f"{what} was not ready within {START_WITHIN_S} s")
        time.sleep(0.05)


def end(process: subprocess.Popen[Any], how: signal.Signals = signal.SIGTERM) -> None:
    if process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def listens(port: int) -> bool:
    with contextlib.closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Postgres:
    """A PostgreSQL server of our own, with an empty database. It refuses to run as root, so it runs as `postgres`.

    ``kill`` and ``start`` again are a crash and its recovery: what was committed is there. ``is_durable`` False spares
    the disk where nobody pulls the plug.
    """

    def __init__(self, *, is_durable: bool = False) -> None:
        owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self._who: dict[str, Any] = {"user": owner.pw_uid, "group": owner.pw_gid} if os.geteuid() == 0 else {}
        self.folder = Path(tempfile.mkdtemp(prefix="twinev-postgres-"))
        os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self._initdb = program("initdb", "/usr/lib/postgresql/*/bin/initdb")
        self._is_durable = is_durable
        self.port = free_port()
        self._process: subprocess.Popen[Any] | None = None
        self._create()

    @property
    def url(self) -> str:
        """Its DATABASE_URL."""
        return f"{self._server}/twinev"

    @property
    def _server(self) -> str:
        return f"postgres://twinev@127.0.0.1:{self.port}"

    def _create(self) -> None:
        locale = ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        command = [self._initdb, "-D", self.folder / "data", "-U", "twinev", *locale]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **self._who)
        self.start()
        subprocess.run([program("createdb"), "--maintenance-db", f"{self._server}/postgres", "twinev"], check=True)

    def start(self) -> None:
        careless = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.folder,
            "max_connections": 200,
        } | ({} if self._is_durable else careless)
        server = str(Path(self._initdb).with_name("postgres"))
        command = [server, "-D", self.folder / "data", *(f"--{key}={value}" for key, value in options.items())]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, **self._who)
        wait_until(lambda: _answers_sql(f"{self._server}/postgres"), self._process, "PostgreSQL")

    def crash(self) -> None:
        """Every process of it is gone at once, without a checkpoint (pg_ctl's "immediate")."""
        if self._process is not None:
            end(self._process, signal.SIGQUIT)

    def remove(self) -> None:
        if self._process is not None:
            end(self._process, signal.SIGINT)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server of our own, or the one that TEST_DATABASE_URL names. Yields its DATABASE_URL."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    server = Postgres()
    try:
        yield server.url
    finally:
        server.remove()


def _answers_sql(url: str) -> bool:
    import psycopg2

    try:
        psycopg2.connect(url).close()
    except psycopg2.OperationalError:
        return False
    return True


class Redis:
    """A Redis server of our own, in memory: ended, it forgets everything."""

    def __init__(self) -> None:
        self.port = free_port()
        self._folder = tempfile.TemporaryDirectory(prefix="twinev-redis-")
        self._process: subprocess.Popen[Any] | None = None
        self.start()

    @property
    def url(self) -> str:
        """Its REDIS_URL."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        where = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self._folder.name]
        self._process = subprocess.Popen([program("redis-server"), *where], stdout=subprocess.DEVNULL)
        wait_until(lambda: listens(self.port), self._process, "Redis")

    def crash(self) -> None:
        if self._process is not None:
            end(self._process, signal.SIGKILL)

    def remove(self) -> None:
        if self._process is not None:
            end(self._process)
        self._folder.cleanup()


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A Redis server of our own. Yields its REDIS_URL. The one named by TEST_REDIS_URL gets emptied."""
    if url := os.environ.get("TEST_REDIS_URL"):
        yield url
        return
    server = Redis()
    try:
        yield server.url
    finally:
        server.remove()


# Any 32 bytes: without a key of its own, no browser is asked for the right to push.
_VAPID_KEY = base64.urlsafe_b64encode(bytes([1]) * 32).rstrip(b"=").decode()


class Stack:
    """TwinEV as one process of its own (web, worker and beat) against a given database.

    `start`, `stop`, and `kill`, which is as hard as pulling the plug; the port stays the same over restarts.
    """

    def __init__(self, *, database_url: str, redis_url: str, folder: Path, port: int = 0) -> None:
        self.port = port or free_port()
        self.folder = folder
        self.mails = folder / "mails"
        self.log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "twinev.settings",
            "TWINEV_TESTING": "1",
            "TWINEV_ALLOWED_HOSTS": "127.0.0.1,localhost",
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "EMAIL_URL": f"file://{self.mails}",
            "TWINEV_DATA_DIR": str(folder),
            "TWINEV_VAPID_PRIVATE_KEY": _VAPID_KEY,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ocpp_url(self) -> str:
        """Where chargers connect: append the identity."""
        return f"ws://127.0.0.1:{self.port}/ocpp"

    def start(self) -> None:
        with self.log.open("ab") as log:
            command = [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(self.port)]
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        try:
            wait_until(lambda: healthy(f"{self.url}/healthz"), self._process, "TwinEV")
        except DidNotStart as failure:
            raise DidNotStart(f"{failure}\n{self.log.read_text()}") from None

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int | None:
        """Returns the exit code, or None when it never ran."""
        if self._process is None:
            return None
        end(self._process, how)
        return self._process.returncode

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def sent_mails(self) -> list[str]:
        return [path.read_text() for path in sorted(self.mails.glob("*"))]


def healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(json.load(answer)["status"] == "ok")
    except (OSError, urllib.error.URLError, ValueError):
        return False


def url_of_database(settings: Mapping[str, Any]) -> str:
    """The DATABASE_URL of a Django connection's settings, such as that of the test database."""
    if settings["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{settings['NAME']}"
    login = settings["USER"] + (f":{settings['PASSWORD']}" if settings["PASSWORD"] else "")
    return f"postgres://{login}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
