"""TwinEV as it runs in production: web, worker and beat as processes of their own, each of which can be killed."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests import servers


class Works:
    """PostgreSQL, Redis, and our three processes. ``parts``: "web", "worker", "beat"."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="twinev-works-")
        self.folder = Path(self._folder.name)
        self.postgres = servers.Postgres(is_durable=True)
        self.redis = servers.Redis()
        self.port = servers.free_port()
        self._processes: dict[str, subprocess.Popen[Any]] = {}

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {
            "DJANGO_SETTINGS_MODULE": "twinev.settings",
            "TWINEV_SECRET_KEY": "only-for-tests-" + "x" * 40,
            "TWINEV_ALLOWED_HOSTS": "127.0.0.1,localhost",
            "TWINEV_HTTPS": "0",
            "TWINEV_DATA_DIR": str(self.folder),
            "TWINEV_STATIC_ROOT": str(self.folder / "static"),
            "EMAIL_URL": "console://",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "VENV": str(Path(sys.executable).parent.parent),
        }

    @property
    def ocpp_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ocpp"

    def run(self, *command: str) -> str:
        """What a program of ours prints, with this database."""
        done = subprocess.run(
            [sys.executable, *command], cwd=servers.ROOT, env=self.environment, check=True, stdout=subprocess.PIPE
        )
        return done.stdout.decode()

    def start(self, part: str) -> None:
        """Start a process; the web's is waited for until it listens."""
        command = [str(servers.ROOT / "scripts" / "process.sh"), part]
        with (self.folder / f"{part}.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=servers.ROOT, env=self.environment, stdout=log, stderr=log)
        self._processes[part] = process
        if part == "web":
            servers.wait_until(lambda: servers.listens(self.port), process, "the web process")

    def kill(self, part: str) -> None:
        """As hard as pulling the plug."""
        servers.end(self._processes[part], signal.SIGKILL)

    def log_of(self, part: str) -> str:
        return (self.folder / f"{part}.log").read_text(errors="replace")

    def __enter__(self) -> "Works":
        self.run("manage.py", "migrate", "--noinput")
        for part in ("web", "worker", "beat"):
            self.start(part)
        return self

    def __exit__(self, *error: object) -> None:
        for process in self._processes.values():
            servers.end(process)
        self.redis.remove()
        self.postgres.remove()
        self._folder.cleanup()
