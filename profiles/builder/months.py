"""The tables of the timeline: one per month of event time, in UTC."""

import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]
Month = int  # months since the year 0

_DDL_LOCK = 7_305_100_002
_FIRST = 1990 * 12  # what is older shares one table


def month_of(moment: datetime) -> Month:
    """The month of a moment (in UTC)."""
    return moment.year * 12 + moment.month - 1


def table_of(month: Month) -> str:
    """The table that holds the month's events."""
    year, place = divmod(month, 12)
    return f"profiles_timeline_{year:04d}{place + 1:02d}"


def create_month(connection: Connection, month: Month) -> None:
    """Create a month's table unless it exists. Attaching takes no lock that builders or readers wait for."""
    table = table_of(month)
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_DDL_LOCK])
        if connection.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,):
            return
        connection.execute(
            f"CREATE TABLE {table} (LIKE profiles_timeline INCLUDING STORAGE INCLUDING COMMENTS)"
        )
        connection.execute(f"CREATE INDEX {table}_anchor ON {table} (anchor_id, timestamp)")
        connection.execute(f"CREATE INDEX {table}_received ON {table} USING brin (received_at)")
        bounds = f"FROM ('{_first_day(month)}') TO ('{_first_day(month + 1)}')"
        connection.execute(f"ALTER TABLE profiles_timeline ATTACH PARTITION {table} FOR VALUES {bounds}")


class MonthTables:
    """Which months' tables are known to exist; creates missing ones on a session of its own. Thread-safe."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._known: set[Month] = set()
        self._lock = threading.Lock()

    def ensure(self, times: Iterable[datetime]) -> None:
        """Have the tables of these moments exist."""
        wanted = {month_of(time) for time in times} - self._known
        if not wanted:
            return
        with self._lock, self._connect() as connection:
            for month in sorted(wanted - self._known):
                if month >= _FIRST:
                    create_month(connection, month)
                self._known.add(month)

    def forget(self) -> None:
        """Look again: retention dropped a month that was known."""
        self._known.clear()


def _first_day(month: Month) -> str:
    year, place = divmod(month, 12)
    return f"{year:04d}-{place + 1:02d}-01 00:00:00+00"
