"""All settings of TwinEV, read from the environment. See .env.example for each variable.

Three modes: the demo (TWINEV_DEMO=1), the tests (TWINEV_TESTING=1, set by tests/settings.py), and production, which is
the default: there nothing insecure has a default, and a missing variable stops the start and names itself.
"""

import os
import tempfile
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from twinev import env

BASE_DIR = Path(__file__).resolve().parent.parent

DEMO = env.flag("TWINEV_DEMO", default=False)
TESTING = env.flag("TWINEV_TESTING", default=False)
PRODUCTION = not (DEMO or TESTING)
DEBUG = env.flag("TWINEV_DEBUG", default=False)
if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("TWINEV_DEBUG works only together with TWINEV_DEMO: it shows settings to visitors.")

# Where the embedded default keeps its database.
DATA_DIR = Path(env.text("TWINEV_DATA_DIR", default=str(BASE_DIR / "var")))
if not PRODUCTION:
    (DATA_DIR / "static").mkdir(parents=True, exist_ok=True)

# --- who may reach it -------------------------------------------------------------------------------------------------

if PRODUCTION:
    SECRET_KEY = env.text("TWINEV_SECRET_KEY")
    ALLOWED_HOSTS = env.words("TWINEV_ALLOWED_HOSTS")
    if len(SECRET_KEY) < 40:
        raise env.SettingInvalid("TWINEV_SECRET_KEY", "a random text of at least 40 characters")
else:
    SECRET_KEY = env.text("TWINEV_SECRET_KEY", default="demo-and-tests-only-" + "x" * 40)
    ALLOWED_HOSTS = env.words("TWINEV_ALLOWED_HOSTS", default=["*"])

# The address that people use, for links in e-mails and for CSRF behind a proxy that ends TLS.
PUBLIC_URL = env.url("TWINEV_PUBLIC_URL", ["http", "https"], default="").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []

# Off only where TLS ends at nobody: a closed test network.
HTTPS = env.flag("TWINEV_HTTPS", default=PRODUCTION)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 14 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS and env.flag("TWINEV_HTTPS_REDIRECT", default=True)
# Health checks come from inside, without TLS; chargers of security profile 0 and 1 come without TLS, too (websockets
# do not pass this middleware).
# Machines are refused without TLS instead of led on: a client that follows would show its token each time.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^api/"]
SECURE_HSTS_SECONDS = env.integer("TWINEV_HSTS_SECONDS", default=31_536_000, least=0) if HTTPS else 0
# How many proxies stand in front and add to X-Forwarded-For; 0 means that the header is not believed.
TRUSTED_PROXIES = env.integer("TWINEV_TRUSTED_PROXIES", default=0, least=0)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# From where those proxies come. What other addresses say of X-Forwarded-For and -Proto is not believed of a charger:
# it may reach the port past the proxy, and would claim to have come by TLS.
PROXY_NETWORKS = env.networks("TWINEV_PROXY_NETWORKS", default=["127.0.0.1", "::1"])
# The authorities (PEM) whose certificates prove a charger of security profile 3, and the address at which the proxy
# asks for them: people's browsers are not asked.
CHARGER_CA = env.file("TWINEV_CHARGER_CA", default="")
CHARGER_URL = env.url("TWINEV_CHARGER_URL", ["wss"], default="").rstrip("/")
# Tile servers want to see where a request comes from (OpenStreetMap's tile usage policy), the path is none of theirs.
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"

# --- apps -------------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "twinev.apps.TwinevConfig",
    "twinev.ui",
    "twinev.identity.apps.IdentityConfig",
    "drivers.apps.DriversConfig",
    "gridops.apps.GridopsConfig",
    "dashboard.apps.DashboardConfig",
    "smac.apps.SmacConfig",
    "chargepoints.apps.ChargepointsConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "channels",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "rest_framework",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Phones on slow lines; Django pads what it compresses, so that its length tells nothing of secrets (BREACH).
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "drivers.middleware.OwnerMiddleware",
]

ROOT_URLCONF = "twinev.urls"
ASGI_APPLICATION = "twinev.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- database, broker, channel layer ----------------------------------------------------------------------------------

DATABASE_URL = env.url(
    "DATABASE_URL", ["sqlite", "postgres", "postgresql"], default=f"sqlite:///{DATA_DIR / 'twinev.sqlite3'}"
)
DATABASES: dict[str, dict[str, Any]] = {"default": dict(dj_database_url.parse(DATABASE_URL))}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # With Django's defaults four of ten concurrent writers fail with "database is locked"; so none does.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # A file, as threads cannot share a database in memory; its own for each run.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(tempfile.gettempdir()) / f"twinev-test-{os.getpid()}.sqlite3")}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.integer("TWINEV_CONN_MAX_AGE", default=0, least=0)

REDIS_URL = env.url("REDIS_URL", ["redis", "rediss"], default="")
if REDIS_URL:
    # The pubsub layer delivers direct sends in under a millisecond, the core layer takes 0.4 s.
    CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
        "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
    }
    CELERY_BROKER_URL = REDIS_URL
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "twinev.channel_layer.ThreadSafeInMemoryChannelLayer"}}
    CELERY_BROKER_URL = "memory://localhost/"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.05}

# --- tasks ------------------------------------------------------------------------------------------------------------

CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CONCURRENCY = env.integer("TWINEV_WORKER_CONCURRENCY", default=4, least=1)
# A worker takes one task at a time from the broker: a plan may take seconds, what waits behind it goes to a free one.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TIMEZONE = "UTC"
# All entries are idempotent sweeps over rows, so nothing is lost when beat forgets when it last ran.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
HEARTBEAT_INTERVAL_S = 5


def _every(seconds: float, task: str) -> dict[str, Any]:
    """A sweep that is not done before the next one is due is dropped, so that a slow worker does not pile them up."""
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "heartbeat": _every(HEARTBEAT_INTERVAL_S, "twinev.health.heartbeat"),
    "expire-commands": _every(10, "chargepoints.tasks.expire_commands"),
    "sweep-reservations": _every(2, "chargepoints.tasks.sweep_reservations"),
    "sweep-local-lists": _every(15, "chargepoints.tasks.sweep_local_lists"),
    "sweep-offline-settings": _every(60, "chargepoints.tasks.sweep_offline_settings"),
    "ask-inventories": _every(15, "chargepoints.tasks.ask_inventories"),
    "sweep-metering-settings": _every(60, "chargepoints.tasks.sweep_metering_settings"),
    "stop-refused-sessions": _every(30, "chargepoints.tasks.stop_refused_sessions"),
    "keep-profiles": _every(30, "chargepoints.tasks.keep_profiles"),
    "close-silent-maintenance": _every(300, "chargepoints.tasks.close_silent_maintenance"),
    "watch-links": _every(15, "chargepoints.tasks.watch_links"),
    "advance-sessions": _every(5, "drivers.tasks.advance_sessions"),
    "tell-drivers": _every(10, "drivers.tasks.tell_drivers"),
    "tell-of-new-terms": {
        "task": "drivers.tasks.tell_of_new_terms",
        "schedule": crontab(minute=7),
        "options": {"expires": 3000},
    },
    "serve-queues": _every(5, "drivers.tasks.serve_queues"),
    "tell-of-offers": _every(30, "drivers.tasks.tell_of_offers"),
    "advance-orders": _every(10, "smac.tasks.advance_orders"),
    "serve-campaigns": _every(20, "smac.tasks.serve_campaigns"),
    "replan-due": _every(2, "smac.tasks.replan_due"),
    "replan-every-slot": {
        "task": "smac.tasks.replan_every_slot",
        "schedule": crontab(minute="*/15"),
        "options": {"expires": 600},
    },
    "forget-old-messages": {
        "task": "chargepoints.tasks.forget_old_messages",
        "schedule": crontab(minute=17),
        "options": {"expires": 3000},
    },
    "forget-old-refusals": {
        "task": "chargepoints.tasks.forget_old_refusals",
        "schedule": crontab(minute=27),
        "options": {"expires": 3000},
    },
    "forget-order-keys": {
        "task": "gridops.tasks.forget_old_keys",
        "schedule": crontab(minute=37),
        "options": {"expires": 3000},
    },
    "forget-failed-log-ins": {
        "task": "twinev.identity.tasks.forget_failures",
        "schedule": crontab(minute=47),
        "options": {"expires": 3000},
    },
}

# --- accounts ---------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["twinev.identity.backends.ThrottledBackend"]
LOGIN_URL = "identity:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
EMAIL_CONFIRMATION_DAYS = 3
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Without e-mail nobody could confirm an address or get a new password: production has to say where it goes.
EMAIL_URL = env.url(
    "EMAIL_URL", ["smtp", "smtps", "console", "file"], default=env.REQUIRED if PRODUCTION else "console://"
)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("TWINEV_FROM_EMAIL", default="TwinEV <noreply@localhost>")
EMAIL_TIMEOUT = 10
if EMAIL_URL.startswith("smtp"):
    _mail = urlsplit(EMAIL_URL)
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or (465 if _mail.scheme == "smtps" else 587)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_SSL, EMAIL_USE_TLS = _mail.scheme == "smtps", _mail.scheme == "smtp" and bool(_mail.username)
elif EMAIL_URL.startswith("file"):
    EMAIL_BACKEND, EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", urlsplit(EMAIL_URL).path
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

# --- languages and time -----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
# Each in its own words: who cannot read the page finds the own language all the same.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("el", "Ελληνικά"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "twinev" / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- static files -----------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("TWINEV_STATIC_ROOT", default=str(DATA_DIR / "static")))
_static_storage = (
    "whitenoise.storage.CompressedManifestStaticFilesStorage"
    if PRODUCTION
    else "django.contrib.staticfiles.storage.StaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _static_storage},
}
WHITENOISE_USE_FINDERS = not PRODUCTION
# In tests each client would else scan all static files first, which is most of its time.
WHITENOISE_AUTOREFRESH = DEBUG or TESTING

# --- map --------------------------------------------------------------------------------------------------------------

TILE_URL = env.url("TWINEV_TILE_URL", ["https", "http"], default="https://tile.openstreetmap.org/{z}/{x}/{y}.png")
TILE_ATTRIBUTION = env.text("TWINEV_TILE_ATTRIBUTION", default="© OpenStreetMap contributors")
_tile = urlsplit(TILE_URL)
TILE_ORIGIN = f"{_tile.scheme}://{_tile.netloc}".replace("{s}", "*")

# --- roads ------------------------------------------------------------------------------------------------------------

# Who knows the ways to stations: the address of an OSRM or Valhalla server (osrm+https://… or valhalla+http://…).
# Without one a way is ROAD_FACTOR times the straight line: our assumption for towns without rivers in the way.
ROADS_URL = env.url("TWINEV_ROADS_URL", ["osrm+https", "osrm+http", "valhalla+https", "valhalla+http"], default="")
ROADS = "twinev.adapters.roads.at"
ROAD_FACTOR = 1.3

# --- content security policy: no inline script or style anywhere ------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", TILE_ORIGIN],
        "font-src": [SELF],
        # 'self' covers the websocket of the same host as well (CSP level 3).
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    },
}

# --- notices on phones (Web Push) -----------------------------------------------------------------------------------

# By it push services know us: 32 bytes as base64url (manage.py push_key makes one). Where all runs in one process it is
# made at the first start and kept in TWINEV_DATA_DIR; elsewhere nobody is pushed to without it.
VAPID_PRIVATE_KEY = env.text("TWINEV_VAPID_PRIVATE_KEY", default="")
# Whom the operator of a push service writes to when we do wrong: mailto:… or https://…
VAPID_CONTACT = env.text("TWINEV_VAPID_CONTACT", default=PUBLIC_URL or f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}")
# The push services of the browsers; no other address is ever called.
PUSH_SERVICES = env.words(
    "TWINEV_PUSH_SERVICES",
    default=["fcm.googleapis.com", "push.services.mozilla.com", "push.apple.com", "notify.windows.com"],
)

# --- api --------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "PAGE_SIZE": 50,
    # Of one token; the second, where the optimiser has to work. Each process counts for itself.
    "DEFAULT_THROTTLE_RATES": {
        "machines": f"{env.integer('TWINEV_API_REQUESTS_PER_MIN', default=600, least=1)}/min",
        "machines_solving": f"{env.integer('TWINEV_API_ORDERS_PER_MIN', default=60, least=1)}/min",
    },
}
SPECTACULAR_SETTINGS = {
    "TITLE": "TwinEV for grid operators",
    "DESCRIPTION": "The orders of the console for a control room's own system; docs/gridops-api.md has examples.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
}

# --- grid operators' own servers --------------------------------------------------------------------------------------

# From where the orders of a grid operator are fetched (gridops.ports.OrderServer), and the addresses by user name; with
# none nothing runs. The secrets in them are read from here alone.
ORDER_SERVER = "twinev.adapters.openadr.at"
ORDER_SERVERS = env.addresses("TWINEV_OPENADR_SERVERS", ["https"] if PRODUCTION and HTTPS else ["https", "http"])
if ORDER_SERVERS:
    CELERY_BEAT_SCHEDULE["follow-servers"] = _every(30, "gridops.tasks.follow_servers")
    CELERY_BEAT_SCHEDULE["report-capacity"] = {
        "task": "gridops.tasks.report_capacity",
        "schedule": crontab(minute="*/15"),
        "options": {"expires": 600},
    }

# --- planning ---------------------------------------------------------------------------------------------------------

# Who knows of visits to come (smac.ports.ExpectedVisits), by dotted path.
SMAC_EXPECTED_VISITS = ["drivers.services.expected.visits"]
# A battery that is so many percentage points off its plan is planned again at once.
SMAC_SOC_TOLERANCE_PERCENT = env.integer("TWINEV_SMAC_SOC_TOLERANCE_PERCENT", default=3, least=1)
# Inputs of plans are kept for a replay (manage.py smac_replay): of so many newest runs of each supply point, and for so
# many days of runs that took longer than SMAC_SLOW_MS, went wrong or were marked.
SMAC_KEPT_RUNS = env.integer("TWINEV_SMAC_KEPT_RUNS", default=10, least=1)
SMAC_KEPT_DAYS = env.integer("TWINEV_SMAC_KEPT_DAYS", default=30, least=1)
SMAC_SLOW_MS = env.integer("TWINEV_SMAC_SLOW_MS", default=2_000, least=1)

# --- chargers ---------------------------------------------------------------------------------------------------------

# Who may hear the live topics of the apps above: (user, topic) -> bool, by dotted path.
LIVE_TOPIC_RULES = ["gridops.live.may_hear"]
# A websocket that was silent for so long is asked for a sign of life (0: never), and has so long to give one.
PING_INTERVAL_S = env.integer("TWINEV_PING_INTERVAL_S", default=30, least=0)
PONG_WITHIN_S = env.integer("TWINEV_PONG_WITHIN_S", default=30, least=1)
# What one charger may send on end, and how many at once before that counts; more is read more slowly. One that keeps
# on for OCPP_FLOOD_S is sent away.
OCPP_FRAMES_PER_S = env.integer("TWINEV_OCPP_FRAMES_PER_S", default=100, least=1)
OCPP_FRAMES_BURST = env.integer("TWINEV_OCPP_FRAMES_BURST", default=1_000, least=1)
OCPP_FLOOD_S = 600
# Long enough to explain last week's complaint.
OCPP_MESSAGES_KEPT_DAYS = env.integer("TWINEV_OCPP_MESSAGES_KEPT_DAYS", default=14, least=1)
OCPP_ANSWER_TIMEOUT_S = 30
# How often chargers are to measure in a session and by the clock (0: as they like), and what: energy is billed, power
# and state of charge are planned with. Chargers that measure more are left alone.
OCPP_SAMPLE_EVERY_S = env.integer("TWINEV_OCPP_SAMPLE_EVERY_S", default=60, least=0)
OCPP_ALIGNED_EVERY_S = env.integer("TWINEV_OCPP_ALIGNED_EVERY_S", default=900, least=0)
OCPP_MEASURANDS = ["Energy.Active.Import.Register", "Power.Active.Import", "SoC"]
# For so long news for browsers and workers are gathered, so that what changes often is told once.
NEWS_GATHERED_S = 0.25
# A new plan is sent to a charger where it differs by more than this from what the charger has: in power, in any slot
# that begins so soon, or in energy by a target or the departure. Limits are kept in every slot, whatever the steps.
SMAC_CALM_STEP_W = env.integer("TWINEV_CALM_STEP_W", default=250, least=0)
SMAC_CALM_STEP_WH = env.integer("TWINEV_CALM_STEP_WH", default=250, least=0)
SMAC_CALM_SOON_S = env.integer("TWINEV_CALM_SOON_S", default=3600, least=0)
# How many connections to PostgreSQL the chargers of one process share, and how long each is kept (opening one costs
# more than most messages). Tests keep none: a test database with a connection cannot be dropped.
OCPP_DATABASE_THREADS = 8
OCPP_CONNECTION_AGE_S = 0 if TESTING else 60

# --- logs -------------------------------------------------------------------------------------------------------------

LOG_LEVEL = env.choice(
    "TWINEV_LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR"], default="INFO" if PRODUCTION else "WARNING"
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "twinev.logs.KeyValueFormatter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        name: {"level": LOG_LEVEL}
        for name in ("twinev", "chargepoints", "smac", "drivers", "gridops", "dashboard", "django", "celery", "daphne")
    }
    # These tell of every task at INFO, and there is one every second.
    | {name: {"level": "WARNING"} for name in ("celery.beat", "celery.app.trace", "celery.worker.strategy")},
}
