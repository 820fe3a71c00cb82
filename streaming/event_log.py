"""The event log of this installation, opened once per process."""

import atexit
import os
import threading
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from streaming.contracts.log import EventLog
from streaming.database import conninfo


class _Opened(NamedTuple):
    log: EventLog
    pid: int
    url: str
    database: str


_lock = threading.Lock()
_opened: _Opened | None = None
# Logs that a parent process opened: kept from being finalised here, which could end the parent's sessions.
_inherited: list[EventLog] = []


def event_log() -> EventLog:
    """The log of settings.EVENT_LOG. A forked child gets one of its own."""
    opened = _opened
    if opened is not None and _is_current(opened):
        return opened.log
    return _open()


def close_event_log() -> None:
    """Close this process's log, if it has one; the next `event_log()` opens another."""
    global _opened  # one log per process is the point
    with _lock:
        former, _opened = _opened, None
    if former is not None and former.pid == os.getpid():
        former.log.close()


def _is_current(opened: _Opened) -> bool:
    return (
        opened.pid == os.getpid()
        and opened.url == settings.EVENT_LOG
        and opened.database == connections["default"].settings_dict["NAME"]
    )


def _open() -> EventLog:
    global _opened  # noqa: PLW0603  # one log per process is the point
    with _lock:
        if _opened is not None:
            if _is_current(_opened):
                return _opened.log
            if _opened.pid == os.getpid():
                _opened.log.close()
            else:
                _inherited.append(_opened.log)
        url: str = settings.EVENT_LOG
        _opened = _Opened(_log_of(url), os.getpid(), url, connections["default"].settings_dict["NAME"])
        return _opened.log


def _log_of(url: str) -> EventLog:
    """Open the log of an address. Only the back end that is used is imported."""
    scheme = url.partition("://")[0]
    if scheme == "postgres":
        from streaming.postgres.log import PostgresLog  # noqa: PLC0415  # not every installation uses it

        return PostgresLog(conninfo())
    if scheme == "kafka":
        from streaming.kafka.log import KafkaLog  # noqa: PLC0415  # not every installation uses it

        return KafkaLog.of_url(url, settings.KAFKA_CLIENT_SETTINGS)
    if scheme == "memory":
        from streaming.memory.log import MemoryLog  # noqa: PLC0415  # not every installation uses it

        return MemoryLog()
    raise ImproperlyConfigured(f"EVENT_LOG should be postgres:// or kafka://host:9092, not {url!r}")


atexit.register(close_event_log)
os.register_at_fork(after_in_child=_lock._at_fork_reinit)  # type: ignore[attr-defined]  # noqa: SLF001
