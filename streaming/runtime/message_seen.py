"""Which messages were applied: one table per week of applying, keyed by client time, source and a hash of the id.

A message is (source_id, message_id, client time); rules in docs/architecture.md ("Delivery"). Rows are written
in the transaction of the message's effects, so that a message has them once however often it arrives.
"""

import struct
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import md5
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.adapt import Dumper
from psycopg.pq import Format

MessageKey = bytes

_ROTATION_LOCK = 0x4857_0001 << 32  # shared by who writes, exclusive to who adds or drops a week
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_NO_CLIENT_TIME = -(2**63)
_WEEK = timedelta(days=7)
_KEY = struct.Struct(">iqiii")  # each column with its length before it, as in an array
_TIME, _SOURCE, _HASH = slice(0, 12), slice(12, 20), slice(20, 40)
_BIGINT, _INTEGER, _UUID = (20, 1016), (23, 1007), (2950, 2951)

# Sorted, so that workers that meet the same messages wait for each other in one order.
_REMEMBER = """
WITH given AS MATERIALIZED (
    SELECT * FROM unnest(%s, %s, %s) WITH ORDINALITY AS given (client_time, source_id, hash, number)
), inserted AS (
    INSERT INTO {current} SELECT given.client_time, given.source_id, given.hash FROM given {unseen}
    ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING RETURNING client_time, source_id, hash
)
SELECT number - 1 FROM given LEFT JOIN inserted USING (client_time, source_id, hash)
WHERE inserted.hash IS NULL
"""
_IN_FORMER_WEEK = """NOT EXISTS (
    SELECT FROM {former} seen WHERE seen.client_time = given.client_time
        AND seen.source_id = given.source_id AND seen.hash = given.hash OFFSET 0
)"""


class _Column(bytes):
    """An array whose bytes are ready to send."""

    __slots__ = ()

    @classmethod
    def of(cls, element: int, cells: Sequence[bytes]) -> "_Column":
        return cls(struct.pack(">iiIii", 1, 0, element, len(cells), 1) + b"".join(cells))


class _ColumnDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: _Column) -> bytes:
        return obj


def _column_type(name: str, array: int) -> type[_Column]:
    column = type(name, (_Column,), {"__slots__": ()})
    psycopg.adapters.register_dumper(column, type(f"{name}Dumper", (_ColumnDumper,), {"oid": array}))
    return column


_Bigints = _column_type("_Bigints", _BIGINT[1])
_Integers = _column_type("_Integers", _INTEGER[1])
_Uuids = _column_type("_Uuids", _UUID[1])


def message_key(source_id: int, message_id: str, client_time: datetime | None) -> MessageKey:
    """The key of a message. Pure and quick; a consumer makes it in `prepare`."""
    time = _NO_CLIENT_TIME if client_time is None else (client_time - _EPOCH) // _MICROSECOND
    digest = md5(message_id.encode(), usedforsecurity=False).digest()
    return _KEY.pack(8, time, 4, source_id, 16) + digest


def remember(connection: psycopg.Connection[Any], keys: Sequence[MessageKey]) -> frozenset[int]:
    """Remember the messages as applied, and return the places of those that were so before.

    The first of several equal keys counts as new. Call it first in the transaction; it takes the first locks.
    """
    if not keys:
        return frozenset()
    first: dict[MessageKey, int] = {}
    repeated = {place for place, key in enumerate(keys) if first.setdefault(key, place) != place}
    distinct = list(first)
    places = list(first.values())
    rows = connection.execute(
        _statement(_weeks(connection)),
        [
            _Bigints.of(_BIGINT[0], [key[_TIME] for key in distinct]),
            _Integers.of(_INTEGER[0], [key[_SOURCE] for key in distinct]),
            _Uuids.of(_UUID[0], [key[_HASH] for key in distinct]),
        ],
    ).fetchall()
    return frozenset(repeated.union(places[number] for (number,) in rows))


def _weeks(connection: psycopg.Connection[Any]) -> list[date]:
    """The kept weeks, newest first, which stay as they are until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_ROTATION_LOCK])
    # A statement of its own: its snapshot must be younger than the lock.
    rows = connection.execute("SELECT starts_on FROM message_seen_week ORDER BY starts_on DESC").fetchall()
    if not rows:
        raise LookupError("message_seen has no table: run `manage.py migrate`")
    return [starts_on for (starts_on,) in rows]


def _statement(weeks: Sequence[date]) -> sql.Composed:
    current, *former = map(_table, weeks)
    unseen = sql.SQL(" AND ").join(sql.SQL(_IN_FORMER_WEEK).format(former=table) for table in former)
    where = sql.SQL("WHERE ") + unseen if former else sql.SQL("")
    return sql.SQL(_REMEMBER).format(current=current, unseen=where)


def _table(starts_on: date) -> sql.Identifier:
    return sql.Identifier(f"message_seen_{starts_on:%Y%m%d}")


def week_of(now: datetime) -> date:
    """The Monday of the week, in UTC."""
    day = now.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def rotate(connection: psycopg.Connection[Any], *, now: datetime, keep: timedelta) -> None:
    """Begin the week's table if it has begun, and drop those whose last message is older than `keep`.

    Waits for the transactions that use the tables. `connection` is in autocommit.
    """
    current = week_of(now)
    weeks = [row[0] for row in connection.execute("SELECT starts_on FROM message_seen_week")]
    expired = [week for week in weeks if week < current and _end(week) < now - keep]
    if max(weeks, default=date.min) >= current and not expired:
        return
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_ROTATION_LOCK])
        rows = connection.execute("SELECT starts_on FROM message_seen_week").fetchall()
        kept = {starts_on for (starts_on,) in rows}
        if max(kept, default=date.min) < current:
            connection.execute("SELECT add_message_seen_week(%s)", [current])
        for week in kept.intersection(expired):
            connection.execute(sql.SQL("DROP TABLE {}").format(_table(week)))
            connection.execute("DELETE FROM message_seen_week WHERE starts_on = %s", [week])


def _end(week: date) -> datetime:
    return datetime(week.year, week.month, week.day, tzinfo=UTC) + _WEEK


def columns_of(key: MessageKey) -> tuple[int, int, UUID]:
    """Client time, source and hash of a key, as the tables have them."""
    _, time, _, source_id, _ = _KEY.unpack(key[: _KEY.size])
    return time, source_id, UUID(bytes=key[_KEY.size :])


def client_time_of(column: int) -> datetime | None:
    """The client time that a key's column stands for; None when the client told none."""
    return None if column == _NO_CLIENT_TIME else _EPOCH + column * _MICROSECOND


def kept_tables(connection: psycopg.Connection[Any]) -> list[sql.Identifier]:
    """The tables of the kept weeks, newest first, which stay as they are until the transaction ends."""
    return [_table(week) for week in _weeks(connection)]
