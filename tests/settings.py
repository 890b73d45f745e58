"""The project's own settings in the mode for tests. DATABASE_URL and REDIS_URL choose what they run on."""

import os

os.environ["TWINEV_TESTING"] = "1"
os.environ.pop("TWINEV_DEMO", None)
# Tests that run side by side each have a Redis of their own: what is published is heard in all of its databases.
if (side := os.environ.get("PYTEST_XDIST_WORKER")) and (redis_urls := os.environ.get("REDIS_URLS", "").split()):
    os.environ["REDIS_URL"] = redis_urls[int(side.removeprefix("gw"))]

from twinev.settings import *  # noqa: F403

# News are told at once, in the order in which they came.
NEWS_GATHERED_S = 0

# On PostgreSQL a connection costs more than what a test asks of it; tests/conftest.py ends them.
if not DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    OCPP_CONNECTION_AGE_S = 60
    # Copied from a database that has all tables is sooner made than by the migrations.
    DATABASES["default"]["TEST"] = {"TEMPLATE": os.environ.get("TEST_TEMPLATE") or None}  # noqa: F405
