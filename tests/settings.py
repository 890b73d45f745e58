"""The project's own settings in the mode for tests. DATABASE_URL and REDIS_URL choose what they run on."""

import os

os.environ["TWINEV_TESTING"] = "1"
os.environ.pop("TWINEV_DEMO", None)

from twinev.settings import *  # noqa: F403

# News are told at once, in the order in which they came.
NEWS_GATHERED_S = 0
