"""The kind `sql`: tables and views of a database, by a cursor column or whole."""

from collections.abc import Iterator

from ingestion.sources.contract import (
    Batch,
    FormField,
    Mode,
    Selection,
    Settings,
    SourceError,
    State,
    StreamInfo,
)
from ingestion.sources.sql.cursors import looked_back, typed_cursor
from ingestion.sources.sql.dialects import DIALECTS

_TLS = (
    ("prefer", "If the database offers it"),
    ("require", "Always, whatever the certificate"),
    ("verify-full", "Always, with a certificate for this host"),
)


class SqlSource:
    """Reads by keyset: ordered by cursor and key, from the last row that is durable on."""

    key = "sql"
    title = "SQL database"
    fields: tuple[FormField, ...] = (
        FormField("dialect", "Database", choices=tuple((each.key, each.title) for each in DIALECTS.values()), default="postgresql"),
        FormField("host", "Host", is_required=False, placeholder="db.example.com", help="not for a file", is_place=True),
        FormField("port", "Port", is_required=False, placeholder="5432", help="empty: the usual one", is_place=True),
        FormField("database", "Database name", placeholder="crm", help="for SQLite the whole path of the file"),
        FormField("user", "User", is_required=False, help="one that may only read"),
        FormField("password", "Password", is_secret=True, is_required=False),
        FormField("schema", "Schema", is_required=False, help="empty: the user's usual one"),
        FormField("tls", "Encryption on the way", choices=_TLS, default="prefer"),
    )  # fmt: skip
    stream_fields: tuple[FormField, ...] = ()

    def check(self, settings: Settings) -> str:
        """Try the login, and see what it can read."""
        found = self.discover(settings)
        if not found:
            return "The login works, but it sees no table: grant SELECT, or name another schema."
        return f"The login works: {len(found):,} table{'s' if len(found) > 1 else ''} can be seen, the first is {found[0].name}."

    def discover(self, settings: Settings) -> list[StreamInfo]:
        """The tables and views."""
        from ingestion.sources.sql.describing import tables  # noqa: PLC0415 -- SQLAlchemy takes long to load
        from ingestion.sources.sql.session import session  # noqa: PLC0415 -- SQLAlchemy takes long to load

        with session(settings) as connection:
            return tables(connection, settings.get("schema") or None)

    def describe(self, settings: Settings, stream: str) -> StreamInfo:
        """How a table is now."""
        from ingestion.sources.sql.describing import table  # noqa: PLC0415 -- SQLAlchemy takes long to load
        from ingestion.sources.sql.session import session  # noqa: PLC0415 -- SQLAlchemy takes long to load

        with session(settings) as connection:
            return table(connection, stream, settings.get("schema") or None)

    def begin(self, selection: Selection, former: State | None) -> State:
        """From the beginning, or from where the last run ended, less the look-back."""
        if selection.mode == Mode.FULL or former is None or "cursor" not in former:
            return {}
        if not selection.look_back:
            return {name: former[name] for name in ("cursor", "key") if name in former}
        return {"cursor": looked_back(selection, former["cursor"])}

    def first(self, selection: Selection, cursor: str) -> State:
        """From this cursor on."""
        return {"cursor": typed_cursor(selection, cursor)}

    def read(self, settings: Settings, selection: Selection, state: State, *, rows: int) -> Iterator[Batch]:
        """Stream the rows after the state."""
        from ingestion.sources.sql.reading import Reading  # noqa: PLC0415 -- SQLAlchemy takes long to load
        from ingestion.sources.sql.session import dialect_of, session  # noqa: PLC0415 -- SQLAlchemy takes long to load
        from ingestion.sources.sql.statements import Statements  # noqa: PLC0415 -- SQLAlchemy takes long to load

        schema = settings.get("schema") or None
        with session(settings) as connection:
            statements = Statements(connection, dialect_of(settings), selection, schema)
            yield from Reading(connection, statements, selection).batches(state, rows)

    def remaining(self, settings: Settings, selection: Selection, state: State) -> int | None:
        """Count them, unless that takes long."""
        from ingestion.sources.sql.session import dialect_of, session  # noqa: PLC0415 -- SQLAlchemy takes long to load
        from ingestion.sources.sql.statements import Statements  # noqa: PLC0415 -- SQLAlchemy takes long to load

        try:
            with session(settings) as connection:
                statements = Statements(
                    connection, dialect_of(settings), selection, settings.get("schema") or None
                )
                if briefly := dialect_of(settings).briefly:
                    connection.exec_driver_sql(briefly)
                statement, parameters = statements.count(state)
                return int(connection.execute(statement, parameters).scalar_one())
        except SourceError:
            return None
