"""The form of log lines: one line each, without payloads, details of database errors, or values of variables."""

import os
import sys
import traceback
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import Processor

from cdp_site.log_contents import Event, told, without_addresses, without_contents

PROCESS = "HEADWATER_PROCESS"  # which role this process has; the supervisor sets it
ROOT = Path(__file__).resolve().parents[1]
FRAMES = 12
# PostgreSQL says there which values broke a rule.
_DETAILS = ("DETAIL:", "CONTEXT:", "HINT:")


def logging_configuration(form: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, in this form ("text" or "json")."""
    quiet = ("celery", "django_celery_beat", "kombu", "httpx", "httpcore", "pgmq", "psycopg.pool", "asyncio")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": "cdp_site.logs.line_formatter", "form": form}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            **{name: {"level": "WARNING"} for name in quiet},
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.request": {"level": "ERROR"},  # what strangers ask for in vain is no news
            "django_auth_ldap": {"level": "CRITICAL"},  # its lines name people
            "segment": {"level": "CRITICAL"},  # logs whole events
            "rudder": {"level": "CRITICAL"},
        },
    }


def line_formatter(form: str) -> structlog.stdlib.ProcessorFormatter:
    """Renders records of the standard library, and of structlog, alike."""
    rendered: Processor = structlog.processors.JSONRenderer() if form == "json" else as_text
    return structlog.stdlib.ProcessorFormatter(
        pass_foreign_args=True,
        foreign_pre_chain=[
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
        ],
        processors=[
            without_contents,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            add_process,
            show_exception,
            on_one_line,
            without_addresses,
            rendered,
        ],
    )


def add_process(_logger: object, _method: str, event: Event) -> Event:
    """Say which process wrote the line."""
    event["process"] = os.environ.get(PROCESS) or Path(sys.argv[0]).name
    event["pid"] = os.getpid()
    return event


def show_exception(_logger: object, _method: str, event: Event) -> Event:
    """Say where an exception came from, and the first line of what it says."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        event["exception"] = told(error)
        event["frames"] = " < ".join(
            _frame(each) for each in reversed(traceback.extract_tb(error.__traceback__)[-FRAMES:])
        )
    return event


def on_one_line(_logger: object, _method: str, event: Event) -> Event:
    """Keep a message to one line, which nobody can make look like two, and without the values of broken rules."""
    for key, value in event.items():
        if isinstance(value, str) and ("\n" in value or "\r" in value):
            lines = [line.strip() for line in value.splitlines()]
            event[key] = " / ".join(line for line in lines if line and not line.startswith(_DETAILS))
    return event


def as_text(_logger: object, _method: str, event: Event) -> str:
    """`2026-01-31T12:00:00Z info    ingestion.spool: message key=value`."""
    start = f"{event.pop('timestamp')} {event.pop('level'):<7} {event.pop('logger')}: {event.pop('event')}"
    for of_process in ("process", "pid"):
        event.pop(of_process, None)  # the supervisor writes the name before each line
    return " ".join([start, *(f"{key}={value}" for key, value in event.items())])


def _frame(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    place = path.relative_to(ROOT) if path.is_relative_to(ROOT) else Path(*path.parts[-2:])
    return f"{place}:{frame.lineno} {frame.name}"
