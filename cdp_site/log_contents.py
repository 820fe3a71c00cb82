"""What of a log record is told: nothing that a person, or another system, may have put into it."""

import logging
import re
from collections.abc import MutableMapping
from typing import Any

Event = MutableMapping[str, Any]
_OURS = (
    "cdp_site",
    "compliance",
    "streaming",
    "ingestion",
    "profiles",
    "segments",
    "activation",
    "analytics",
)
_DATABASE = ("psycopg", "django.db")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_TOKEN = re.compile(r"hw_[A-Za-z0-9_-]{8,}")
_EXTRAS = (
    "request",
    "data",
)  # Django's request with its address; Celery's context with the arguments of a job


def without_contents(_logger: object, _method: str, event: Event) -> Event:
    """Leave out what libraries add, and put in our words what they quote."""
    for name in _EXTRAS:
        event.pop(name, None)
    given = event.pop("positional_args", ())
    record: logging.LogRecord | None = event.get("_record")
    if record is None:
        return event
    if record.name == "celery.app.trace" and isinstance(given, dict):
        event["event"] = f"the job {given.get('name')} {given.get('description')}"
    elif record.name.startswith("celery."):
        event["event"] = str(event["event"]).partition("\n")[0]
    elif record.name.startswith("django.security."):
        event["event"] = f"a request was refused: {record.name.rpartition('.')[2]}"
        event.pop("exc_info", None)
    return event


def told(error: BaseException) -> str:
    """The type of an exception, and of the first line of what it says what no value can stand in.

    Exceptions of our own say nothing about people. Those of others may quote what they could not read; a database tells the
    value behind a colon.
    """
    text = str(error).partition("\n")[0]
    module = type(error).__module__
    if module.startswith(_DATABASE):
        text = text.partition(": ")[0] if "connection" not in text else text
    if module.partition(".")[0] not in _OURS and not module.startswith(_DATABASE):
        text = _QUOTED.sub("…", text)
    return f"{type(error).__name__}: {text}"


def without_addresses(_logger: object, _method: str, event: Event) -> Event:
    """Put a mark in the place of e-mail addresses and API tokens, wherever they come from."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _TOKEN.sub("hw_…", _ADDRESS.sub("…@…", value))
    return event
