"""The tables that hold records: one per day of append, and one for what is kept longer."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg

from streaming.postgres.sessions import Connection

KEPT = 99_999_999
DAYS_AHEAD = 2
_DDL_LOCK = 0x4857_0000_0000_FFFF  # the topic 0 does not exist: see streaming.postgres.locks


def day_of(moment: datetime) -> int:
    """The day of a moment as it stands in `log_record.day`."""
    moment = moment.astimezone(UTC)
    return moment.year * 10_000 + moment.month * 100 + moment.day


def end_of(day: int) -> datetime:
    """The moment at which a day is over."""
    return datetime(day // 10_000, day // 100 % 100, day % 100, tzinfo=UTC) + timedelta(days=1)


def table_of(day: int) -> str:
    """The table that holds the records of a day."""
    return "log_record_kept" if day == KEPT else f"log_record_{day:08d}"


def existing_days(connection: psycopg.Connection[Any]) -> list[int]:
    """The days that have a table, oldest first, without the kept one."""
    found = connection.execute(
        "SELECT right(child.relname, 8)::int FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid "
        "WHERE inhparent = 'log_record'::regclass AND child.relname ~ '^log_record_\\d{8}$' ORDER BY 1"
    )
    return [row[0] for row in found]


def create_day(connection: psycopg.Connection[Any], day: int) -> None:
    """Create a day's table unless it exists. Attaching takes no lock that appends or reads would wait for."""
    table = table_of(day)
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_DDL_LOCK])
        if connection.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,):
            return
        connection.execute(
            f"CREATE TABLE {table} (LIKE log_record INCLUDING STORAGE INCLUDING COMMENTS) "
            "WITH (autovacuum_vacuum_insert_threshold = -1)"
        )
        connection.execute(f'CREATE UNIQUE INDEX {table}_place ON {table} (topic_id, partition, "offset")')
        connection.execute(f"ALTER TABLE log_record ATTACH PARTITION {table} FOR VALUES IN ({day})")


class DayTables:
    """Which days' tables are known to exist; creates missing ones on a session of its own. Thread-safe."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._known = {KEPT}
        self._lock = threading.Lock()

    def ensure(self, day: int) -> None:
        """Have the day's table exist, and those of the days after it."""
        if day in self._known:
            return
        with self._lock:
            first = end_of(day) - timedelta(days=1)
            wanted = [day_of(first + timedelta(days=ahead)) for ahead in range(DAYS_AHEAD + 1)]
            with self._connect() as connection:
                for each in wanted:
                    create_day(connection, each)
            # The later ones stay unknown, so that the first append of each day makes the next ones ahead.
            self._known.add(day)
