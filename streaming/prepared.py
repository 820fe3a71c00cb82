"""Statements that run hundreds of times a second: each connection keeps their plans (docs/adr/0066)."""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import ExecStatus

_ONLY_WHEN_ASKED = 2**31 - 1


def run_prepared(query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of the query on this thread's connection; JSON in them is text.

    The plan is made once for each connection, so the query is a constant and everything else a parameter. Where
    statements are logged or wrapped, it goes Django's way, so that nothing goes unseen. Raises django.db.Error.
    """
    connection = connections[DEFAULT_DB_ALIAS]  # looked up once: the proxy would at every use
    if connection.queries_logged or connection.execute_wrappers:
        return _run_plainly(connection, query, parameters)
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    session = connection.connection
    if session.prepare_threshold is None:  # Django's: it sends values within the text, and prepares nothing
        session.prepare_threshold = _ONLY_WHEN_ASKED
    with connection.wrap_database_errors, psycopg.Cursor(session) as cursor:
        cursor.execute(query, parameters, prepare=True)
        result = cursor.pgresult
        return cursor.fetchall() if result is not None and result.status == ExecStatus.TUPLES_OK else []


def _run_plainly(
    connection: BaseDatabaseWrapper, query: str, parameters: Sequence[Any]
) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall() if cursor.description else []
