"""Background jobs: Celery's broker is PostgreSQL unless CELERY_BROKER_URL says otherwise."""

from typing import Any

from psycopg.conninfo import make_conninfo

from cdp_site.schedule import BEAT_SCHEDULE, following_directory
from cdp_site.settings.database import DATABASES
from cdp_site.settings.environment import ENV

_DATABASE = DATABASES["default"]


def _broker_options() -> dict[str, Any]:
    """A task that a killed worker had is given to another one after the visibility timeout."""
    options: dict[str, Any] = {"visibility_timeout": ENV.task_redelivery_s}
    if ENV.celery_broker_url is None:
        login = {name: _DATABASE[name.upper()] for name in ("host", "port", "user", "password")}
        options |= {
            "conn_string": make_conninfo("", dbname=_DATABASE["NAME"], **login, **_DATABASE["OPTIONS"]),
            "init_extension": False,  # a migration made the queue's tables
            "wait_time_seconds": 0,  # polled by the client: a poll in the server would hold a connection
            # A worker whose threads are all taken looks again only then, so that it bounds how many jobs a second it does.
            "polling_interval": 0.2,
            "queue_name_prefix": "headwater_",
        }
    return options


CELERY_BROKER_URL = ENV.celery_broker_url or "headwater://localhost"  # cdp_site.broker
CELERY_BROKER_TRANSPORT_OPTIONS = _broker_options()
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Sources have a process of their own: one that hangs takes no thread that an import or a notice needs.
CELERY_TASK_ROUTES = {"ingestion.tasks.run_connection": {"queue": "sources"}}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_PUBLISH_RETRY = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "cdp_site.scheduling.scheduler:OneActsScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE | (following_directory(ENV.directory.sync_s) if ENV.directory else {})
