"""The database: reachable, new enough, one session per connection, migrated, with the same clock."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, LiteralString

import psycopg

from cdp_site.database import pending_migrations, unknown_migrations
from cdp_site.doctor.finding import Finding, good, warning, wrong

SUBJECT = "database"
OLDEST = 150000
CONNECTIONS = 40  # what one of each process takes, with room
CLOCK_MAY_DIFFER_S = 2.0


def check_database(conninfo: str) -> Iterator[Finding]:
    """All of it; the first thing wrong ends the look."""
    try:
        with psycopg.connect(conninfo, connect_timeout=5, autocommit=True) as connection:
            yield from _version(connection)
            yield _writes(connection)
            yield from _sessions(connection, conninfo)
            yield _room(connection)
            yield _clock(connection)
    except psycopg.Error as error:
        yield wrong(
            SUBJECT, f"it does not answer: {str(error).splitlines()[0]}",
            "Start PostgreSQL, and see that DATABASE_URL names its host, port, user, password and database.",
        )  # fmt: skip
        return
    yield _migrations()


def _version(connection: psycopg.Connection) -> Iterator[Finding]:
    version = connection.info.server_version
    if version < OLDEST:
        yield wrong(SUBJECT, f"it is PostgreSQL {version // 10000}", "Use PostgreSQL 15 or newer.")
    else:
        yield good(SUBJECT, f"PostgreSQL {version // 10000}.{version % 10000} answers")


def _writes(connection: psycopg.Connection) -> Finding:
    if _one(connection, "SHOW transaction_read_only") == "on":
        return wrong(
            SUBJECT, "it takes no writes: it is a standby, or it was made read-only",
            "Let DATABASE_URL name all servers, host:5432,host:5432: then the one that takes writes is used.",
        )  # fmt: skip
    return good(SUBJECT, "it takes writes")


def _sessions(connection: psycopg.Connection, conninfo: str) -> Iterator[Finding]:
    """A pooler that gives each transaction another server session breaks locks, LISTEN and temporary tables."""
    ask = "SELECT pg_backend_pid()"
    with psycopg.connect(conninfo, connect_timeout=5, autocommit=True) as other:
        if _one(connection, ask) == _one(other, ask):
            yield wrong(
                SUBJECT, "it is reached through a pooler that shares sessions between transactions",
                "Give Headwater connections of its own: let DATABASE_URL name PostgreSQL itself, or a pool in session mode.",
            )  # fmt: skip


def _room(connection: psycopg.Connection) -> Finding:
    allowed, taken = (
        int(_one(connection, "SHOW max_connections")),
        _one(connection, "SELECT count(*) FROM pg_stat_activity"),
    )
    if allowed - taken < CONNECTIONS:
        return warning(
            SUBJECT, f"{allowed - taken} of {allowed} connections are free",
            f"Raise max_connections: Headwater takes up to {CONNECTIONS} for one of each process.",
        )  # fmt: skip
    return good(SUBJECT, f"{allowed - taken} of {allowed} connections are free")


def _clock(connection: psycopg.Connection) -> Finding:
    difference = abs((_one(connection, "SELECT clock_timestamp()") - datetime.now(UTC)).total_seconds())
    if difference > CLOCK_MAY_DIFFER_S:
        return wrong(
            "clock", f"the database's clock and this machine's differ by {difference:.1f} s",
            "Have both keep time by NTP: leases and event times depend on it.",
        )  # fmt: skip
    return good("clock", "the database's clock agrees with this machine's")


def _migrations() -> Finding:
    pending, unknown = pending_migrations(), unknown_migrations()
    if pending:
        return wrong(
            "migrations", f"{len(pending)} are not applied, {pending[0]} first", "Run `manage.py migrate`."
        )
    if unknown:
        return warning(
            "migrations", f"a newer version has applied {len(unknown)} that this one does not know, {unknown[0]} first",
            "Finish the upgrade on this host, or roll back: docs/guides/upgrade.md.",
        )  # fmt: skip
    return good("migrations", "all are applied")


def _one(connection: psycopg.Connection, statement: LiteralString) -> Any:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]
