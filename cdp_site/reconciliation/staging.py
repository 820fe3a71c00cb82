"""The rows to compare, as temporary tables of one session, filled by COPY: the memory of neither side grows."""

from collections.abc import Collection, Iterable
from contextlib import closing
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import psycopg

from streaming.contracts.profiles import EVENTS_TOPIC
from streaming.database import connect

Connection = psycopg.Connection[Any]

_SETTINGS = "SET statement_timeout = 0; SET work_mem = '64MB'; SET temp_buffers = '32MB'"
_TABLES = """
CREATE TEMPORARY TABLE accepted (
    topic text NOT NULL, partition integer, "offset" bigint, received_at timestamptz NOT NULL, source_id integer,
    client_time bigint, hash uuid, message_id text, suppressed boolean NOT NULL
);
CREATE TEMPORARY TABLE published (LIKE accepted);
CREATE TEMPORARY TABLE must_be_held (event_id integer PRIMARY KEY, topic text NOT NULL, since timestamptz NOT NULL);
CREATE TEMPORARY TABLE finding (
    kind text NOT NULL, minute timestamptz, source_id integer NOT NULL DEFAULT 0, message_id text NOT NULL DEFAULT '',
    consumer text NOT NULL DEFAULT '', topic text NOT NULL DEFAULT '', partition integer, "offset" bigint,
    records bigint NOT NULL DEFAULT 1
);
"""
_TYPES = ("text", "int4", "int8", "timestamptz", "int4", "int8", "uuid", "text", "bool")

CLIENT_TIME = (
    "coalesce((extract(epoch FROM client_time) * 1000000)::bigint - 946684800000000, -9223372036854775808)"
)
"""The client time of a timeline row as `message_seen` has it."""

_STORED = f"""
CREATE TEMPORARY TABLE stored AS
SELECT source_id, {CLIENT_TIME} AS client_time, md5(message_id)::uuid AS hash, min(message_id) AS message_id,
    min(event_id) AS event_id, min(received_at) AS received_at, count(*) AS copies
FROM profiles_timeline WHERE received_at >= %s GROUP BY 1, 2, 3
"""
_POSITIONS = """
CREATE TEMPORARY TABLE place AS
SELECT consumer, topic, partition, next_offset, log_identity FROM consumer_position
"""
_UNSENT = "CREATE TEMPORARY TABLE unsent AS SELECT value FROM outbox_record WHERE topic = %s"


class Accepted(NamedTuple):
    """One record. Without a place it is in the spool, or in the outbox; without a message nobody can read it."""

    topic: str
    partition: int | None
    offset: int | None
    received_at: datetime
    source_id: int | None = None
    client_time: int | None = None
    hash: UUID | None = None
    message_id: str | None = None
    suppressed: bool = False


class Staging:
    """A session with the tables. Close it, and they are gone."""

    def __init__(self) -> None:
        self.connection: Connection = connect(autocommit=True, application_name="headwater reconcile")
        self.connection.execute(_SETTINGS)
        self.connection.execute(_TABLES)

    def close(self) -> None:
        """End the session."""
        self.connection.close()

    def take_snapshot(self, received_from: datetime) -> None:
        """What is applied, published and read, all as of one moment."""
        with self.connection.transaction():
            self.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            self.connection.execute(_POSITIONS)
            self.connection.execute(_STORED, [received_from])
            self.connection.execute(_UNSENT, [EVENTS_TOPIC])
        self.connection.execute("ANALYZE stored")

    def add(self, table: str, rows: Iterable[Accepted]) -> None:
        """Add rows to `accepted` or `published`."""
        with (
            closing(self.connection.cursor()) as cursor,
            cursor.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy,
        ):
            copy.set_types(_TYPES)
            for row in rows:
                copy.write_row(row)

    def add_must_be_held(self, rows: Collection[tuple[int, str, datetime]]) -> None:
        """Since when the events of a name must be in the log."""
        with self.connection.cursor() as cursor, cursor.copy("COPY must_be_held FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def unsent(self, most: int) -> Iterable[list[bytes]]:
        """The values of what is in the outbox on its way to `profiles.events`, in pieces."""
        with (
            self.connection.transaction(),
            self.connection.cursor("unsent", withhold=False) as cursor,
        ):
            cursor.execute("SELECT value FROM unsent WHERE value IS NOT NULL")
            while rows := cursor.fetchmany(most):
                yield [bytes(value) for (value,) in rows]
