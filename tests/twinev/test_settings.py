"""Settings are read once, at import: each case is a Python process of its own."""

import os
import subprocess
import sys

import pytest

from tests.servers import ROOT

PRODUCTION = {
    "TWINEV_SECRET_KEY": "q" * 50,
    "TWINEV_ALLOWED_HOSTS": "charge.example.org",
    "EMAIL_URL": "smtp://user:p%40ss@mail.example.org",
    "DATABASE_URL": "postgres://twinev:secret@db/twinev",
    "REDIS_URL": "redis://redis:6379/0",
}


def read(*names: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Prints the named settings, one a line, from a process with nothing but this environment."""
    program = "from twinev import settings as s\n" + "\n".join(f"print(repr(s.{name}))" for name in names)
    clean = {"PATH": os.environ["PATH"], **environment}
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=clean, capture_output=True, text=True)


@pytest.mark.parametrize("missing", ["TWINEV_SECRET_KEY", "TWINEV_ALLOWED_HOSTS", "EMAIL_URL"])
def test_production_does_not_start_without_what_has_no_safe_default(missing: str) -> None:
    environment = {name: value for name, value in PRODUCTION.items() if name != missing}
    answer = read("DEBUG", **environment)
    assert answer.returncode != 0
    assert f"{missing} is not set" in answer.stderr


def test_production_is_what_runs_when_no_mode_is_named() -> None:
    answer = read("PRODUCTION", "DEBUG", **PRODUCTION)
    assert answer.stdout.split() == ["True", "False"], answer.stderr


def test_production_keeps_cookies_and_pages_on_https() -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS")
    assert read(*names, **PRODUCTION).stdout.split() == ["True", "True", "True", "31536000"]


def test_production_refuses_debug() -> None:
    answer = read("DEBUG", **PRODUCTION, TWINEV_DEBUG="1")
    assert answer.returncode != 0
    assert "TWINEV_DEBUG" in answer.stderr


def test_production_refuses_a_short_secret_key() -> None:
    answer = read("DEBUG", **PRODUCTION | {"TWINEV_SECRET_KEY": "hunter2"})
    assert answer.returncode != 0
    assert "TWINEV_SECRET_KEY" in answer.stderr
    assert "hunter2" not in answer.stderr.splitlines()[-1]


def test_a_password_in_the_mail_address_may_hold_special_signs() -> None:
    answer = read("EMAIL_HOST", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS", **PRODUCTION)
    assert answer.stdout.split() == ["'mail.example.org'", "'p@ss'", "True"]


def test_sqlite_is_set_up_for_many_writers(tmp_path) -> None:
    answer = read("DATABASES['default']['OPTIONS']", TWINEV_DEMO="1", TWINEV_DATA_DIR=str(tmp_path))
    assert "'transaction_mode': 'IMMEDIATE'" in answer.stdout, answer.stderr
    assert "journal_mode=WAL" in answer.stdout


def test_with_redis_the_processes_share_broker_and_channel_layer() -> None:
    answer = read("CELERY_BROKER_URL", "CHANNEL_LAYERS['default']['BACKEND']", **PRODUCTION)
    assert answer.stdout.split() == ["'redis://redis:6379/0'", "'channels_redis.pubsub.RedisPubSubChannelLayer'"]


def test_an_unknown_kind_of_database_is_refused_by_name() -> None:
    answer = read("DEBUG", **PRODUCTION | {"DATABASE_URL": "mysql://db/twinev"})
    assert answer.returncode != 0
    assert "DATABASE_URL" in answer.stderr


def test_no_inline_script_or_style_is_allowed() -> None:
    from django.conf import settings

    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert directives["script-src"] == directives["style-src"] == ["'self'"]
    assert directives["frame-ancestors"] == ["'none'"]
