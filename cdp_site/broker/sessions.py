"""Sessions in which jobs are sent and taken, and the one of a transaction that a job is to be part of."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import psycopg

KEPT_IDLE = 4

Connection = psycopg.Connection[Any]

_enlisted: ContextVar[Connection | None] = ContextVar("enlisted", default=None)


@contextmanager
def enlisted(connection: Connection) -> Iterator[None]:
    """Have jobs that are sent within the block become jobs if and only if the connection's transaction commits."""
    token = _enlisted.set(connection)
    try:
        yield
    finally:
        _enlisted.reset(token)


def enlisted_now() -> Connection | None:
    """The connection whose transaction jobs are part of, if any."""
    return _enlisted.get()


class Sessions:
    """Sessions that are lent and kept. One that broke, or whose server takes no writes any more, is not lent again."""

    timeout = 0.0  # kombu sets it; nobody waits here: who finds no session opens one

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._idle: list[Connection] = []
        self._lock = threading.Lock()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A session, for one transaction. Raises psycopg.OperationalError when no server takes writes."""
        session = self._kept() or psycopg.connect(self._conninfo, application_name="headwater jobs")
        try:
            with session.transaction():
                yield session
        except BaseException:
            session.close()
            raise
        with self._lock:
            if len(self._idle) < KEPT_IDLE:
                self._idle.append(session)
                return
        session.close()

    def _kept(self) -> Connection | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                session = self._idle.pop()
            if _takes_writes(session):
                return session
            session.close()


def _takes_writes(session: Connection) -> bool:
    try:
        row = session.execute("SHOW transaction_read_only").fetchone()
        session.rollback()
    except psycopg.Error:
        return False
    return row is not None and row[0] == "off"


@lru_cache(maxsize=8)
def sessions_of(conninfo: str, _process: int) -> Sessions:
    """The sessions that all channels of a process share: a forked process has its own."""
    return Sessions(conninfo)
