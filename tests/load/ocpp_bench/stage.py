"""PostgreSQL, Redis, an empty database for each row, and our processes on it."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psycopg2  # type: ignore[import-untyped]
import redis

from tests import servers
from tests.load.ocpp_bench.servers import ROOT, Server, background, production, web

_NAME = "bench"
WORKER_WITHIN_S = 60


class Stage:
    """Where TwinEV is measured. `twinev()` gives it an empty database and starts all of it."""

    def __init__(self, database_url: str, redis_url: str, folder: Path) -> None:
        self._template_url = database_url
        self._redis_url = redis_url
        self.folder = folder
        self.environment = production(
            database_url=database_url.rpartition("/")[0] + f"/{_NAME}", redis_url=redis_url, folder=folder
        )

    def prepare(self) -> None:
        """Tables once; each row starts from a copy. Django in this process then speaks to that copy."""
        migrated = os.environ | self.environment | {"DATABASE_URL": self._template_url}
        command = [sys.executable, str(ROOT / "manage.py"), "migrate", "--noinput", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=migrated, check=True)
        os.environ |= self.environment
        import django

        django.setup()

    def empty(self) -> None:
        """An empty database, and nothing in Redis."""
        from django.db import connection

        connection.close()
        server, _, template = self._template_url.rpartition("/")
        with contextlib.closing(psycopg2.connect(f"{server}/postgres")) as maintenance:
            maintenance.autocommit = True
            with maintenance.cursor() as cursor:
                cursor.execute(f"DROP DATABASE IF EXISTS {_NAME} WITH (FORCE)")
                cursor.execute(f"CREATE DATABASE {_NAME} TEMPLATE {template}")
        redis.Redis.from_url(self._redis_url).flushall()

    @contextlib.contextmanager
    def twinev(self, *, yields: bool = True) -> Iterator[Server]:
        """Web, worker and beat on the database as it is; ``yields``: the web process goes first."""
        with self.background(yields=yields), self.web() as server:
            self._await_worker(server)
            yield server

    def background(self, *, yields: bool = True) -> AbstractContextManager[None]:
        """Worker and beat on the database as it is."""
        return background(self.environment, self.folder, yields=yields)

    def web(self, port: int = 0) -> AbstractContextManager[Server]:
        """A web process on the database as it is."""
        return web(self.environment, self.folder, port)

    def _await_worker(self, server: Server) -> None:
        address = server.url.replace("ws://", "http://").removesuffix("/ocpp") + "/healthz"
        deadline = time.monotonic() + WORKER_WITHIN_S
        while not servers.healthy(address):
            if time.monotonic() > deadline:
                raise servers.DidNotStart(f"worker and beat; see {self.folder}")
            time.sleep(0.2)


@contextlib.contextmanager
def stage() -> Iterator[Stage]:
    with servers.postgres() as database_url, servers.redis() as redis_url:
        # Kept when something fails: what the processes logged is in there.
        folder = Path(tempfile.mkdtemp(prefix="twinev-bench-"))
        made = Stage(database_url, redis_url, folder)
        made.prepare()
        yield made
        shutil.rmtree(folder)
