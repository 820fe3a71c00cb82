"""A source database (SQLite, or a database of the test server), a connection to it, and its runs into the log."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from compliance.access import Actor
from compliance.enums import Operation
from ingestion.enums import RunCause
from ingestion.imports.running import Outcome
from ingestion.models import Connection, ConnectionRun, Stream
from ingestion.sources.connections import create_connection
from ingestion.sources.registry import kind_named
from ingestion.sources.running import run_connection
from ingestion.sources.runs import start_run
from ingestion.sources.selections import settings_of
from ingestion.sources.streams import Choice, save_stream
from streaming.contracts.events import WireEvent, decode_event
from streaming.contracts.log import EventLog
from streaming.event_log import close_event_log, event_log
from tests.conftest import Database
from tests.ingestion.imports.conftest import read_all

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BY = Actor.system("test")
IDENTIFY = {
    "type": "identify",
    "user_id": "id",
    "traits": {"email": "email", "plan": "plan"},
    "timestamp": "updated_at",
}
TABLE = "CREATE TABLE customers (id integer PRIMARY KEY, email text, plan text, updated_at timestamp)"

assert Operation.SOURCES_MANAGE in BY.operations


@dataclass
class Crm:
    """The source: whatever database it is, in its own SQL."""

    settings: dict[str, str]
    execute: Callable[..., object]

    def fill(self, first: int, last: int, *, minute: str = "10:00") -> None:
        """Customers by number, changed at one minute: many with the same cursor."""
        for number in range(first, last + 1):
            self.execute(
                f"INSERT INTO customers VALUES ({number}, 'c{number}@example.com', 'gold', '2026-01-05 {minute}:00')"
            )


@pytest.fixture
def sqlite_crm(tmp_path: Path) -> Iterator[Crm]:
    path = tmp_path / "crm.db"
    session = sqlite3.connect(path, isolation_level=None)
    session.execute(TABLE)
    yield Crm({"dialect": "sqlite", "database": str(path)}, session.execute)
    session.close()


@pytest.fixture
def postgres_crm(fresh_database: Database) -> Iterator[Crm]:
    """A schema of its own in the test's database, reached as any other: by host, port and password."""
    server = settings.DATABASES["default"]
    given = {
        "dialect": "postgresql", "host": "127.0.0.1", "port": str(server["PORT"]), "database": fresh_database.name,
        "user": "crm_reader", "password": "reader's secret", "schema": "crm", "tls": "prefer",
    }  # fmt: skip
    with fresh_database.connect(autocommit=True) as session:
        session.execute("CREATE SCHEMA crm")
        session.execute("SET search_path = crm")
        session.execute(
            "DO $$ BEGIN CREATE ROLE crm_reader LOGIN PASSWORD 'reader''s secret';"
            " EXCEPTION WHEN duplicate_object THEN ALTER ROLE crm_reader PASSWORD 'reader''s secret' VALID UNTIL 'infinity'; END $$"
        )
        session.execute("GRANT USAGE ON SCHEMA crm TO crm_reader")
        session.execute("ALTER DEFAULT PRIVILEGES IN SCHEMA crm GRANT SELECT ON TABLES TO crm_reader")
        session.execute(TABLE)
        yield Crm(given, session.execute)
        session.execute("DROP SCHEMA crm CASCADE")
        session.execute("DROP OWNED BY crm_reader")


@dataclass
class Producer:
    """A connection and its streams, read into the log of the test's database."""

    log: EventLog
    crm: Crm
    connection: Connection
    now: datetime = field(default=NOW)

    def stream(self, name: str = "customers", **changes: Any) -> Stream:
        kind = kind_named("sql")
        info = kind.describe(settings_of(self.connection), name)
        chosen: dict[str, Any] = {
            "columns": [column.name for column in info.columns], "key": info.key, "mapping": IDENTIFY,
            "cursor": "updated_at", **changes,
        }  # fmt: skip
        return save_stream(
            connection=self.connection, stream=None, info=info, choice=Choice(**chosen), by=BY, now=self.now
        )

    def start(self, stream: Stream) -> ConnectionRun:
        stream.refresh_from_db()
        return start_run(stream=stream, cause=RunCause.PERSON, by=BY, now=self.now)

    def run(self, stream: Stream) -> ConnectionRun:
        run = self.start(stream)
        assert self.go(run) == Outcome.ENDED
        return run

    def go(self, run: ConnectionRun, **options: Any) -> Outcome:
        outcome = run_connection(run.pk, log=self.log, clock=lambda: self.now, **options)
        run.refresh_from_db()
        run.stream.refresh_from_db()
        run.stream.connection.refresh_from_db()
        return outcome

    def events(self) -> list[WireEvent]:
        return [decode_event(record.value) for record in read_all(self.log)]

    def users(self) -> list[int]:
        return sorted(int(event["user_id"] or 0) for event in self.events())


def producer_of(crm: Crm) -> Producer:
    made = create_connection(name="CRM", kind="sql", source="CRM", typed=crm.settings, by=BY, now=NOW)
    return Producer(event_log(), crm, made)


@pytest.fixture
def producer(fresh_database, sqlite_crm) -> Iterator[Producer]:
    yield producer_of(sqlite_crm)
    close_event_log()


@pytest.fixture
def postgres_producer(fresh_database, postgres_crm) -> Iterator[Producer]:
    yield producer_of(postgres_crm)
    close_event_log()
