"""Apps, middleware, templates, time and logging."""

from pathlib import Path

from cdp_site.brought_apps import brought_apps
from cdp_site.settings.environment import ENV

BASE_DIR = Path(__file__).resolve().parents[2]
HEADWATER_HOME = ENV.home
EVENT_LOG = ENV.event_log
KAFKA_CLIENT_SETTINGS = ENV.kafka_access.client_settings
EVENT_PARTITIONS = ENV.event_partitions
HOST = ENV.host
HOST_NAME = ENV.host_name
PORT = ENV.port
PUBLIC_URL = ENV.public_url
WEB_WORKERS = ENV.web_workers
WEB_THREADS = ENV.web_threads
MAX_UPLOAD_MB = ENV.max_upload_mb
DEMO_TRAFFIC = ENV.demo_traffic
SPOOL_LIMIT_MB = ENV.spool_limit_mb
SPOOL_WINDOW_DAYS = ENV.spool_window_days
TRUSTED_PROXIES = ENV.trusted_proxies
WATCHED_FOLDERS = ENV.watched_folders  # below which folders of this machine may be read
PHONE_REGION = ENV.phone_region  # of telephone numbers without a country code, as in "GB"
POSTGRES_BINARIES = ENV.postgres_binaries
DEBUG = ENV.debug

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # its default one would put its own site in place of ours
    "unfold.contrib.filters",
    "cdp_site.apps.SiteAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_celery_beat",
    "guardian",
    "axes",
    "auditlog",
    "csp",
    "streaming",
    "compliance",
    "ingestion",
    "profiles",
    "segments",
    "activation",
    "analytics",
    *brought_apps(),
    "cdp_site.apps.CdpSiteConfig",
]

MIDDLEWARE = [
    "cdp_site.web.headers.PrivateAnswers",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "compliance.session_watch.SessionWatchMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "cdp_site.urls"
ASGI_APPLICATION = "cdp_site.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

LANGUAGE_CODE = "en"
TIME_ZONE = ENV.time_zone
USE_TZ = True
USE_I18N = True
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # straight from the packages: there is nothing to collect
STATICFILES_DIRS = [BASE_DIR / "templates" / "static"]
MEDIA_ROOT = ENV.home / "uploads"
AUTH_USER_MODEL = "compliance.User"
AUTHENTICATION_BACKENDS = [
    "compliance.lockout.LockoutBackend",
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None  # guardian makes no user for visitors: they may nothing
LOGIN_URL = "admin:login"
