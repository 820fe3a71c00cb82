"""Statements that run hundreds of times a second: each connection keeps their plans (docs/adr/0066)."""

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import connection

_ONLY_WHEN_ASKED = 2**31 - 1


def run_prepared(query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """All rows of the query on this thread's connection; JSON in them is text.

    The plan is made once for each connection, so the query is a constant and everything else a parameter. Where
    statements are logged or wrapped, it goes Django's way, so that nothing goes unseen. Raises django.db.Error.
    """
    if connection.queries_logged or connection.execute_wrappers:
        return _run_plainly(query, parameters)
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    session = connection.connection
    if session.prepare_threshold is None:  # Django's: it sends values within the text, and prepares nothing
        session.prepare_threshold = _ONLY_WHEN_ASKED
    with connection.wrap_database_errors, psycopg.Cursor(session) as cursor:
        cursor.execute(query, parameters, prepare=True)
        return cursor.fetchall() if cursor.description else []


def _run_plainly(query: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall() if cursor.description else []
