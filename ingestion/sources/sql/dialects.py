"""What the databases differ in: how one connects, bounds what a session may take, and says "now" and "a part of"."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.sources.contract import Settings, SourceRefused
from ingestion.sources.packages import needed

if TYPE_CHECKING:
    from sqlalchemy import URL

CONNECT_S = 10
STATEMENT_S = 300
WIDEST = 33_000  # characters of a value: an event is smaller, so that what is longer is refused anyhow
_LIMITS = f"-c statement_timeout={STATEMENT_S}s -c idle_in_transaction_session_timeout={STATEMENT_S}s"
_SESSION = "-c default_transaction_read_only=on -c timezone=UTC -c datestyle=ISO -c intervalstyle=iso_8601 -c bytea_output=hex"


@dataclass(frozen=True, slots=True)
class Dialect:
    """One kind of database. `ceiling` is SQL for a day from now, `{}` the column in `bounded`.

    `briefly` has the session's next statements end after a few seconds, where the database can.
    """

    key: str
    title: str
    port: int | None
    url: Callable[[Settings], "URL"]
    arguments: Callable[[Settings], dict[str, Any]]
    prepare: Callable[[Any], None]
    ceiling: str
    bounded: str
    briefly: str = ""


def _postgresql_url(settings: Settings) -> "URL":
    return _url("postgresql+psycopg", settings, 5432)


def _postgresql_arguments(settings: Settings) -> dict[str, Any]:
    return {
        "connect_timeout": CONNECT_S, "application_name": "headwater", "sslmode": settings.get("tls") or "prefer",
        "options": f"{_LIMITS} {_SESSION}", "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    }  # fmt: skip


def _read_as_text(session: Any) -> None:
    """Have all but numbers and booleans come as the text that PostgreSQL writes: exact, and never out of Python's range."""
    from psycopg.types.string import TextLoader  # noqa: PLC0415 -- with the driver

    for name in (
        "timestamptz",
        "timestamp",
        "date",
        "time",
        "timetz",
        "interval",
        "numeric",
        "json",
        "jsonb",
        "uuid",
    ):
        session.adapters.register_loader(name, TextLoader)


def _mysql_url(settings: Settings) -> "URL":
    return _url("mysql+pymysql", settings, 3306).update_query_dict({"charset": "utf8mb4"})


def _mysql_arguments(settings: Settings) -> dict[str, Any]:
    with needed("PyMySQL", by="MySQL and MariaDB"):
        from pymysql.constants import FIELD_TYPE  # noqa: PLC0415 -- an optional package
        from pymysql.converters import conversions  # noqa: PLC0415 -- an optional package
    as_text = (
        FIELD_TYPE.DATETIME,
        FIELD_TYPE.TIMESTAMP,
        FIELD_TYPE.DATE,
        FIELD_TYPE.TIME,
        FIELD_TYPE.DECIMAL,
        FIELD_TYPE.NEWDECIMAL,
    )
    kept = {key: value for key, value in conversions.items() if key not in as_text}
    arguments: dict[str, Any] = {
        "connect_timeout": CONNECT_S, "read_timeout": STATEMENT_S, "write_timeout": CONNECT_S, "conv": kept,
        "init_command": "SET time_zone = '+00:00'",
    }  # fmt: skip
    if settings.get("tls") in ("require", "verify-full"):
        arguments["ssl"] = {"check_hostname": settings["tls"] == "verify-full"}
    return arguments


def _sqlite_url(settings: Settings) -> "URL":
    path = Path(settings.get("database", ""))
    if not path.is_absolute():
        raise SourceRefused("Give the whole path of the SQLite file, such as /srv/crm/crm.db.")
    if not path.is_file():
        raise SourceRefused(
            f"There is no file {path} on the machine that runs Headwater's workers, or it cannot be seen there."
        )
    from sqlalchemy import URL  # noqa: PLC0415 -- only where a database is read

    return URL.create("sqlite", database=f"file:{path}", query={"mode": "ro", "uri": "true"})


def _sqlite_arguments(_settings: Settings) -> dict[str, Any]:
    return {"timeout": CONNECT_S, "check_same_thread": False}


def _read_any_bytes(session: sqlite3.Connection) -> None:
    """SQLite keeps any bytes as text: those that are none become U+FFFD, as in the collector."""
    session.text_factory = lambda raw: raw.decode(errors="replace")


def _read_only(session: Any) -> None:
    with session.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")


def _url(driver: str, settings: Settings, port: int) -> "URL":
    from sqlalchemy import URL  # noqa: PLC0415 -- only where a database is read

    given = settings.get("port") or str(port)
    return URL.create(
        driver,
        username=settings.get("user") or None,
        password=settings.get("password") or None,
        host=settings.get("host"),
        port=int(given),
        database=settings.get("database"),
    )


DIALECTS = {
    each.key: each
    for each in (
        Dialect(
            "postgresql", "PostgreSQL", 5432, _postgresql_url, _postgresql_arguments, _read_as_text,
            "CURRENT_TIMESTAMP + interval '1 day'", f"left({{}}::text, {WIDEST})",
            "SET statement_timeout = '5s'",
        ),
        Dialect(
            "mysql", "MySQL or MariaDB", 3306, _mysql_url, _mysql_arguments, _read_only,
            "DATE_ADD(UTC_TIMESTAMP(), INTERVAL 1 DAY)", f"LEFT({{}}, {WIDEST})",
        ),
        Dialect(
            "sqlite", "SQLite (a file)", None, _sqlite_url, _sqlite_arguments, _read_any_bytes,
            "date('now', '+2 days')",
            f"CASE WHEN typeof({{0}}) IN ('text', 'blob') THEN substr({{0}}, 1, {WIDEST}) ELSE {{0}} END",
        ),
    )
}  # fmt: skip
