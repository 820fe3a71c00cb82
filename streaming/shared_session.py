"""One session of the database for all coroutines of an event loop (docs/adr/0089).

What is asked while a group is under way makes the next one. A group is sent at once and is one transaction: under load
the reads of several requests are one round trip, and their writes one commit. Rows that several requests add by the same
statement are one statement of the group.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import psycopg
from django.db import Error as DjangoError
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from streaming.prepared import rows_parameter

PATIENCE_S = 5.0  # for a group; then the server is taken for gone
PAUSE_S = 1.0  # between two attempts to open it
_DONE = frozenset({ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK})

logger = logging.getLogger(__name__)
Row = tuple[Any, ...]


class Unavailable(Exception):
    """The session does not answer. What was asked may have been done all the same."""


class SharedSession:
    """Belongs to one event loop. The first question opens it, and is not answered yet.

    After any error it is closed and opened anew: who asked is told nothing of the error, and asks on a connection
    of their own, where it happens again or not.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]], purpose: str) -> None:
        self._connect, self._purpose = connect, purpose
        self._link: _Link | None = None
        self._opening: asyncio.Task[None] | None = None
        self._not_before = float("-inf")

    def ask(self, query: str, parameters: Sequence[Any]) -> "asyncio.Future[list[Row]]":
        """All rows of the query, once its group is committed: Unavailable, at once or then, when it cannot be had.

        The query is a constant with `%s` for each parameter; JSON in rows is text.
        """
        return self._open_link().ask(query, parameters)

    def add(self, query: str, row: str) -> "asyncio.Future[list[Row]]":
        """Add a row as `streaming.prepared.add_prepared` does: no rows, once it is committed. Otherwise as `ask`."""
        return self._open_link().add(query, row)

    async def close(self) -> None:
        """Close it; whoever waits for an answer gets Unavailable."""
        if self._opening is not None:
            await self._opening
        if self._link is not None:
            self._link.end("")

    def _open_link(self) -> "_Link":
        if self._link is None:
            self._open_soon()
            raise Unavailable
        return self._link

    def _open_soon(self) -> None:
        loop = asyncio.get_running_loop()
        if self._opening is None and loop.time() >= self._not_before:
            self._not_before = loop.time() + PAUSE_S
            self._opening = loop.create_task(self._open())

    async def _open(self) -> None:
        try:
            self._link = _Link(await asyncio.to_thread(self._connect), self._ended)
        except (psycopg.Error, DjangoError) as error:
            logger.info("the session for %s cannot be opened: %s", self._purpose, type(error).__name__)
        finally:
            self._opening = None

    def _ended(self, why: str) -> None:
        self._link = None
        if why:
            logger.info("the session for %s is closed: %s", self._purpose, why)


class _Asked(NamedTuple):
    """A statement, and who waits for its rows."""

    query: str
    parameters: Sequence[Any]
    answers: "list[asyncio.Future[list[Row]]]"


class _Group:
    """What is asked together."""

    def __init__(self) -> None:
        self._asked: list[_Asked] = []
        self._added: dict[str, tuple[list[str], list[asyncio.Future[list[Row]]]]] = {}

    def __bool__(self) -> bool:
        return bool(self._asked or self._added)

    def ask(self, query: str, parameters: Sequence[Any], answer: "asyncio.Future[list[Row]]") -> None:
        self._asked.append(_Asked(query, parameters, [answer]))

    def add(self, query: str, row: str, answer: "asyncio.Future[list[Row]]") -> None:
        rows, answers = self._added.setdefault(query, ([], []))
        rows.append(row)
        answers.append(answer)

    def statements(self) -> list[_Asked]:
        """Those to send: nobody in a group waits for another of it, so what is added may come last."""
        added = (_Asked(query, [rows_parameter(rows)], who) for query, (rows, who) in self._added.items())
        return [*self._asked, *added]


class _Link:
    """An open connection in pipeline mode, read when the event loop says that there is something."""

    def __init__(self, connection: psycopg.Connection[Any], ended: Callable[[str], None]) -> None:
        self._connection, self._ended = connection, ended
        self._loop = asyncio.get_running_loop()
        self._pgconn = connection.pgconn
        self._pgconn.nonblocking = 1
        self._pgconn.enter_pipeline_mode()
        self._socket = self._pgconn.socket
        self._statements = _Statements(connection)
        self._waiting = _Group()
        self._under_way: list[tuple[_Asked, _Statement]] = []
        self._results: list[PGresult] = []
        self._is_within_results = False
        self._is_sending = self._is_over = False
        self._watch: asyncio.TimerHandle | None = None
        self._loop.add_reader(self._socket, self._read)

    def ask(self, query: str, parameters: Sequence[Any]) -> "asyncio.Future[list[Row]]":
        answer: asyncio.Future[list[Row]] = self._loop.create_future()
        self._waiting.ask(query, parameters, answer)
        self._send_soon()
        return answer

    def add(self, query: str, row: str) -> "asyncio.Future[list[Row]]":
        answer: asyncio.Future[list[Row]] = self._loop.create_future()
        self._waiting.add(query, row, answer)
        self._send_soon()
        return answer

    def end(self, why: str) -> None:
        """Close the connection, and tell all who wait; without a reason nothing is amiss."""
        if self._is_over:
            return
        self._is_over = True
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        if self._watch is not None:
            self._watch.cancel()
        self._connection.close()
        self._ended(why)
        for asked in [*(asked for asked, _ in self._under_way), *self._waiting.statements()]:
            for answer in asked.answers:
                if not answer.done():
                    answer.set_exception(Unavailable())
        self._under_way, self._waiting = [], _Group()

    def _send_soon(self) -> None:
        """Together with what others ask in this turn of the loop."""
        if not self._under_way and not self._is_sending:
            self._is_sending = True
            self._loop.call_soon(self._send)

    def _send(self) -> None:
        self._is_sending = False
        if self._is_over:
            return
        group, self._waiting = self._waiting, _Group()
        try:
            self._under_way = [
                (asked, self._statements.send(asked.query, asked.parameters)) for asked in group.statements()
            ]
            self._pgconn.pipeline_sync()
            self._flush()
        except (psycopg.Error, UnicodeError) as error:  # the latter of half a character, which cannot be sent
            self._waiting = group
            self.end(type(error).__name__)
        else:
            self._watch = self._loop.call_later(PATIENCE_S, self.end, "it did not answer in time")

    def _flush(self) -> None:
        if self._pgconn.flush():
            self._loop.add_writer(self._socket, self._flush_more)

    def _flush_more(self) -> None:
        try:
            if not self._pgconn.flush():
                self._loop.remove_writer(self._socket)
        except psycopg.Error as error:
            self.end(type(error).__name__)

    def _read(self) -> None:
        try:
            self._pgconn.consume_input()
            while not self._is_over and not self._pgconn.is_busy():
                result = self._pgconn.get_result()
                if result is not None and result.status == ExecStatus.PIPELINE_SYNC:
                    self._settle()
                elif result is not None:
                    self._results.append(result)
                    self._is_within_results = True
                elif self._is_within_results:
                    self._is_within_results = False  # of one statement; the next one's follow
                else:
                    return
        except psycopg.Error as error:
            self.end(type(error).__name__)

    def _settle(self) -> None:
        """The group is done, and committed unless one of it failed."""
        assert self._watch is not None
        self._watch.cancel()
        results, self._results = self._results, []
        if failed := [result for result in results if result.status not in _DONE]:
            self.end(f"a statement failed with {_code(failed[0])}")
            return
        group, self._under_way = self._under_way, []
        for (asked, statement), result in zip(group, self._statements.answers(results), strict=True):
            rows = statement.rows(result)
            for answer in asked.answers:
                if not answer.done():
                    answer.set_result(rows)
        if self._waiting:
            self._send()  # at once: the database has work while those go on who were just answered


def _code(result: PGresult) -> str:
    """Without the message, which may quote data."""
    state = result.error_field(psycopg.pq.DiagnosticField.SQLSTATE)
    return state.decode() if state else "no state"


class _Statement:
    """A prepared statement of a connection."""

    def __init__(self, name: bytes, connection: psycopg.Connection[Any]) -> None:
        self.name = name
        self._loading = Transformer(connection)
        self._knows_columns = False

    def rows(self, result: PGresult) -> list[Row]:
        """What the result has, as Django's connections would give it."""
        self._loading.set_pgresult(result, set_loaders=not self._knows_columns)
        self._knows_columns = True
        try:
            return self._loading.load_rows(0, result.ntuples, tuple)
        finally:
            self._loading.set_pgresult(None, set_loaders=False)  # nobody's data stay here


class _Statements:
    """Those of one connection, prepared when they are sent first."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection, self._pgconn = connection, connection.pgconn
        self._dumping = Transformer(connection)
        self._known: dict[tuple[str, tuple[int, ...]], _Statement] = {}
        self._is_answer: list[bool] = []

    def send(self, query: str, parameters: Sequence[Any]) -> _Statement:
        """Queue the statement, after its preparation if it is new. Raises psycopg.Error."""
        values = self._dumping.dump_sequence(parameters, [PyFormat.AUTO] * len(parameters))
        types = self._dumping.types or ()
        statement = self._known.get((query, types))
        if statement is None:
            statement = _Statement(b"shared_%d" % len(self._known), self._connection)
            self._pgconn.send_prepare(statement.name, numbered(query).encode(), types)
            self._known[query, types] = statement
            self._is_answer.append(False)
        self._pgconn.send_query_prepared(statement.name, values, self._dumping.formats)
        self._is_answer.append(True)
        return statement

    def answers(self, results: Sequence[PGresult]) -> list[PGresult]:
        """Those of statements, without those of preparations."""
        is_answer, self._is_answer = self._is_answer, []
        return [result for result, is_one in zip(results, is_answer, strict=True) if is_one]


def numbered(query: str) -> str:
    """The query as the server knows it: `$1` for the first `%s`."""
    first, *others = query.split("%s")
    text = first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))
    return text.replace("%%", "%")
