"""Looks at what partitions hold share a session for a moment: a page looks several times, and each session costs as much."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from streaming.postgres.sessions import Connection

KEPT_SECONDS = 5.0
# The server ends what no look takes up any more.
_END_WHEN_IDLE = "SET idle_session_timeout = '30s'"

T = TypeVar("T")


class Looks:
    """Runs work that only reads, each in a session of which nobody else makes use meanwhile.

    At most one session is kept, and for KEPT_SECONDS: of a server that takes no writes any more nothing is asked for
    longer than that.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._lock = threading.Lock()
        self._kept: tuple[Connection, float] | None = None
        self._keeps = True

    def look(self, work: Callable[[Connection], T]) -> T:
        """What `work` finds; it is done again when the session that was kept turns out to have ended."""
        if (session := self._take()) is not None:
            try:
                return work(session)
            except (psycopg.OperationalError, psycopg.InterfaceError):
                if not session.broken:
                    raise
            finally:
                self._give_back(session)
        session = self._connect()
        try:
            session.execute(_END_WHEN_IDLE)
            return work(session)
        finally:
            self._give_back(session)

    def close(self) -> None:
        """Close the session that is kept, and keep none any more."""
        self._keeps = False
        if (session := self._take()) is not None:
            session.close()

    def _take(self) -> Connection | None:
        with self._lock:
            kept, self._kept = self._kept, None
        if kept is None:
            return None
        session, since = kept
        if time.monotonic() - since > KEPT_SECONDS:
            session.close()
            return None
        return session

    def _give_back(self, session: Connection) -> None:
        with self._lock:
            if (
                self._keeps
                and self._kept is None
                and session.info.transaction_status is TransactionStatus.IDLE
            ):
                self._kept = (session, time.monotonic())
                return
        session.close()
