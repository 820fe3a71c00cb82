"""Statements that run hundreds of times a second: each connection keeps their plans (docs/adr/0066)."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import ExecStatus

_ONLY_WHEN_ASKED = 2**31 - 1


Write = tuple[str, list[Any]]  # a statement and its parameters


class Elsewhere(BaseException):
    """Code that runs where nobody may wait came to something it would have to wait for: begin again on a thread.

    No Exception, so that nobody on the way takes it for a failure and answers it. `committed` is what it wrote
    before, for `already_committed` on the thread.
    """

    def __init__(self, committed: Sequence[Write] = ()) -> None:
        super().__init__()
        self.committed = committed


class Runner(Protocol):
    """Runs statements in the place of this thread's connection."""

    def ask(self, query: str, parameters: Sequence[Any], *, commits: bool) -> list[tuple[Any, ...]]:
        """All rows; what it wrote, which `commits` says that it does, is committed. Raises Elsewhere."""
        ...

    def add(self, query: str, row: str) -> None:
        """Add a row, as `add_prepared` does; then it is committed. Raises Elsewhere."""
        ...


_runner: ContextVar[Runner | None] = ContextVar("runner of prepared statements", default=None)
_committed: ContextVar[list[Write] | None] = ContextVar("writes not to repeat", default=None)


@contextmanager
def prepared_by(runner: Runner) -> Iterator[None]:
    """Within the block, in this context, the runner runs prepared statements, and nothing else is run."""
    token = _runner.set(runner)
    try:
        yield
    finally:
        _runner.reset(token)


@contextmanager
def already_committed(writes: Sequence[Write]) -> Iterator[None]:
    """Within the block, in this context, each of these writes is not repeated: who made it begins again."""
    token = _committed.set(list(writes))
    try:
        yield
    finally:
        _committed.reset(token)


def on_own_connection() -> bool:
    """Whether prepared statements run on this thread's connection, as part of whatever transaction is open there."""
    return _runner.get() is None


def run_prepared(
    query: str, parameters: Sequence[Any] = (), *, commits: bool = False
) -> list[tuple[Any, ...]]:
    """All rows of the query on this thread's connection; JSON in them is text.

    The plan is made once for each connection, so the query is a constant and everything else a parameter; `commits`
    says that it writes. Where statements are logged or wrapped, it goes Django's way, so that nothing goes unseen.
    Raises django.db.Error.
    """
    if (runner := _runner.get()) is not None:
        return runner.ask(query, parameters, commits=commits)
    if commits and _is_committed((query, list(parameters))):
        return []
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


def add_prepared(query: str, row: str) -> None:
    """Add a row (an object of JSON) by a statement that commits by itself; its one parameter is a JSON list of rows.

    On a connection of one's own the list is of this row alone. On a session that is shared, rows that several add by the
    same statement at the same time go in together, in the order in which they came. Raises django.db.Error.
    """
    if (runner := _runner.get()) is not None:
        runner.add(query, row)
    else:
        run_prepared(query, [rows_parameter([row])], commits=True)


def rows_parameter(rows: Iterable[str]) -> str:
    """The parameter of a statement that adds these rows."""
    return f"[{','.join(rows)}]"


def _is_committed(write: Write) -> bool:
    """Whether it was committed before and is not to be repeated, this time."""
    committed = _committed.get()
    if not committed or write not in committed:
        return False
    committed.remove(write)
    return True


def _run_plainly(
    connection: BaseDatabaseWrapper, query: str, parameters: Sequence[Any]
) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall() if cursor.description else []
