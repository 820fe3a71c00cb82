"""Sessions of a database: read-only, in UTC, and never longer than a bounded time without an answer."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.pool import NullPool

from ingestion.sources.contract import Settings, SourceRefused
from ingestion.sources.hosts import checked_addresses
from ingestion.sources.sql.dialects import DIALECTS, Dialect
from ingestion.sources.sql.failures import told_in_words

# No directory of a socket, for whoever comes through one is believed; and no list of hosts.
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._:-]{0,253})?")
_MOST_PORT = 65535


def dialect_of(settings: Settings) -> Dialect:
    """The kind of database. Raises SourceRefused when the settings cannot be used."""
    dialect = DIALECTS.get(settings.get("dialect", ""))
    if dialect is None:
        raise SourceRefused(
            f"Choose a kind of database: {', '.join(each.title for each in DIALECTS.values())}."
        )
    if not settings.get("database"):
        raise SourceRefused("Say which database: its name, or the path of the file.")
    if dialect.port is not None:
        _check_address(settings)
    return dialect


def _check_address(settings: Settings) -> None:
    if not _HOST.fullmatch(settings.get("host", "")):
        raise SourceRefused(
            "Give the host by its name or address, such as db.example.com; sockets and lists are not taken."
        )
    port = settings.get("port") or "1"
    if not port.isdecimal() or not 0 < int(port) <= _MOST_PORT:
        raise SourceRefused(f"A port is a number up to {_MOST_PORT}.")
    checked_addresses(settings["host"], int(port))


@contextmanager
def session(settings: Settings) -> Iterator[Connection]:
    """A session. What its driver raises leaves as a SourceError."""
    dialect = dialect_of(settings)
    with told_in_words(settings):
        engine = create_engine(
            dialect.url(settings), connect_args=dialect.arguments(settings), poolclass=NullPool, hide_parameters=True,
        )  # fmt: skip
        event.listen(engine, "connect", lambda opened, _record: dialect.prepare(opened))
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()
