"""The image's own steps, carried out in a clean folder, and the processes of compose.yaml started from there.

No container engine is needed: what the Dockerfile runs is plain, and runs here just so.
"""

import os
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.servers import ROOT, end, free_port, healthy, postgres, redis, wait_until

DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
IGNORED = [line.strip("*/") for line in (ROOT / ".dockerignore").read_text().split()]


def stages() -> list[list[tuple[str, str]]]:
    """Instruction and argument of each line, by stage."""
    found: list[list[tuple[str, str]]] = []
    for line in DOCKERFILE.splitlines():
        if match := re.match(r"([A-Z]+) (.*)", line):
            if match[1] == "FROM":
                found.append([])
            found[-1].append((match[1], match[2]))
    return found


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Builds the first stage under a folder of its own; returns the environment that its processes get."""
    folder = tmp_path_factory.mktemp("image")
    app = folder / "app"
    shutil.copytree(ROOT, app, ignore=shutil.ignore_patterns(*IGNORED))
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME") or name.startswith("PIP_")}
    environment = kept | {"VENV": str(folder / "venv"), "TWINEV_STATIC_ROOT": str(folder / "static"), "APP": str(app)}
    # What these few processes load is compiled when they do.
    environment["PIP_NO_COMPILE"] = "1"
    for instruction, argument in stages()[0]:
        if instruction == "RUN":
            subprocess.run(["bash", "-euc", argument], cwd=app, env=environment, check=True)
    return environment


@contextmanager
def processes(image: dict[str, str]) -> Iterator[int]:
    """migrate, then web, worker and beat, each by its command in compose.yaml. Yields the port."""
    port = free_port()
    with ExitStack() as stack:
        environment = image | {
            "DATABASE_URL": stack.enter_context(postgres()),
            "REDIS_URL": stack.enter_context(redis()),
            "TWINEV_SECRET_KEY": "a-key-that-is-only-for-this-test-and-long-enough",
            "TWINEV_ALLOWED_HOSTS": "charge.example.org",
            "EMAIL_URL": "console://",
            "PORT": str(port),
            "HOST": "127.0.0.1",
        }

        def start(service: str) -> subprocess.Popen[bytes]:
            return subprocess.Popen(COMPOSE["services"][service]["command"], cwd=image["APP"], env=environment)

        assert start("migrate").wait() == 0
        started = []
        for service in ("web", "worker", "beat"):
            started.append(start(service))
            stack.callback(end, started[-1])
        check = ["scripts/process.sh", "healthcheck"]
        wait_until(
            lambda: subprocess.run(check, cwd=image["APP"], env=environment, capture_output=True).returncode == 0,
            started[0],
            "web with worker and beat",
        )
        yield port


def ask(port: int, path: str, **headers: str) -> Any:
    class NoRedirect(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *arguments: Any) -> None:
            return None

    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": "charge.example.org"} | headers)
    try:
        return urllib.request.build_opener(NoRedirect).open(request, timeout=10)
    except urllib.error.HTTPError as answer:
        return answer


def test_the_steps_of_the_image_give_a_system_that_serves(image: dict[str, str]) -> None:
    with processes(image) as port:
        assert ask(port, "/healthz").status == 200
        plain = ask(port, "/accounts/login/")
        assert (plain.status, plain.headers["Location"]) == (301, "https://charge.example.org/accounts/login/")
        assert ask(port, "/healthz", Host="elsewhere.example").status == 400
        assert not healthy(f"http://127.0.0.1:{port}/healthz"), "an unknown host is refused"


def test_static_files_carry_their_hash_and_are_compressed(image: dict[str, str]) -> None:
    static = Path(image["TWINEV_STATIC_ROOT"])
    assert (static / "staticfiles.json").exists()
    assert list(static.glob("twinev/app.*.css.gz"))


def test_the_image_does_not_run_as_root() -> None:
    final = stages()[-1]
    users = [argument for instruction, argument in final if instruction == "USER"]
    assert users == ["twinev"]
    assert final.index(("USER", "twinev")) < next(i for i, (name, _) in enumerate(final) if name == "CMD")
    assert any(instruction == "HEALTHCHECK" for instruction, _ in final)


def test_one_file_configures_every_process() -> None:
    ours = [service for service in COMPOSE["services"].values() if service.get("image") == "twinev"]
    assert len(ours) == 4
    assert {service["env_file"] for service in ours} == {".env"}


def test_every_variable_of_the_settings_stands_in_the_example() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "twinev" / "settings.py").read_text()))
    modes = {"TWINEV_DEMO", "TWINEV_TESTING", "TWINEV_DEBUG"}
    assert read - modes - set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M)) == set()
