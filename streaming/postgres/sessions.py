"""Database sessions of the log, and what their failures mean to its callers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from streaming.contracts.log import LogError, LogUnavailable

Connection = psycopg.Connection[Any]

_CLIENT_LIMITS = {"connect_timeout": "3", "tcp_user_timeout": "10000", "keepalives_idle": "10"}
# A plan that was cached while a day's table was small must not scan that table for the rest of the day.
_SETTINGS = (
    "SET synchronous_commit = on; SET enable_seqscan = off; SET enable_sort = off; SET enable_bitmapscan = off; "
    "SET plan_cache_mode = force_generic_plan; SET jit = off; SET timezone = 'UTC'; "
    "SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '10s'; SET statement_timeout = "
)


def open_session(conninfo: str, purpose: str, *, statement_timeout: str = "30s") -> Connection:
    """A session for one of the log's threads. Raises LogUnavailable when the database does not answer."""
    options = {**_CLIENT_LIMITS, **conninfo_to_dict(conninfo), "application_name": f"headwater log {purpose}"}
    with translated():
        connection = psycopg.connect(make_conninfo("", **options), autocommit=True)
        try:
            connection.execute(f"{_SETTINGS} '{statement_timeout}'")
        except BaseException:
            connection.close()
            raise
        return connection


def takes_no_writes(connection: Connection) -> bool:
    """Whether the session's server is read-only or a standby."""
    row = connection.execute("SHOW transaction_read_only").fetchone()
    return row is not None and row[0] == "on"


@contextmanager
def translated() -> Iterator[None]:
    """Raise LogUnavailable for what the database may get over, LogError for what is a fault of the log's."""
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError) as error:
        raise LogUnavailable(f"the log's database does not answer: {_reason(error)}") from error
    except psycopg.Error as error:
        raise LogError(f"the log's database refused a statement: {_reason(error)}") from error


def _reason(error: psycopg.Error) -> str:
    # Only the primary message: details may hold record contents.
    return error.diag.message_primary or str(error).partition("\n")[0]
