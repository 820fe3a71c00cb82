"""Background jobs in PostgreSQL: kombu's PGMQ transport, on sessions that follow the server that takes writes.

kombu's own connects with host, port and password alone, so that TLS, time-outs and the choice among several servers
would be lost, and keeps a session however useless its server became (docs/adr/0063).
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import psycopg
from kombu.transport import TRANSPORT_ALIASES, pgmq
from pgmq import PGMQueue

SCHEME = "headwater"
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
def _sessions_of(conninfo: str, _process: int) -> Sessions:
    return Sessions(conninfo)


class Channel(pgmq.Channel):
    """A channel on which a job that cannot be acknowledged holds no place.

    It is delivered again after the visibility time-out; kept, it would fill the worker until nothing else fits.
    """

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:  # noqa: FBT001, FBT002 -- kombu's
        """Acknowledge. Raises what the database raised."""
        try:
            super().basic_ack(delivery_tag, multiple)  # type: ignore[no-untyped-call]  # kombu has few types
        except psycopg.Error:
            self.qos.ack(delivery_tag)
            raise

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 -- kombu's
        """Give back, or refuse. Raises what the database raised."""
        try:
            super().basic_reject(delivery_tag, requeue)  # type: ignore[no-untyped-call]  # beside it
        except psycopg.Error:
            self.qos.ack(delivery_tag)
            raise

    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:
        self.pgmq.send(
            self._queue_name(queue), message, conn=_enlisted.get(), **self._pgmq_send_kwargs(message)
        )


class Transport(pgmq.Transport):
    """All channels of a process share its sessions, so a job can be acknowledged whatever became of its channel."""

    Channel = Channel
    connection_errors = (  # type: ignore[assignment]  # kombu types how many it has itself
        *pgmq.Transport.connection_errors,
        psycopg.errors.ReadOnlySqlTransaction,
    )

    def _create_pgmq_client(self) -> PGMQueue:
        options: dict[str, Any] = self.client.transport_options  # type: ignore[union-attr]  # it has one
        conninfo, timeout = options["conn_string"], int(options["visibility_timeout"])
        pool: Any = _sessions_of(conninfo, os.getpid())
        return PGMQueue(pool=pool, conn_string=conninfo, vt=timeout, init_extension=False)


def register_transport() -> None:
    """Have kombu know the scheme of CELERY_BROKER_URL that stands for the database."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:{Transport.__name__}"
