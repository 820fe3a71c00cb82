"""One session for an event loop: what it answers, what goes together, and what happens when it breaks."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest

from streaming import shared_session
from streaming.database import connect_as_django
from streaming.prepared import run_prepared
from streaming.shared_session import SharedSession, Unavailable, numbered

ADD = """
INSERT INTO noted (at, who, by)
SELECT at, who, pg_current_xact_id()::text FROM json_to_recordset(%s::json) AS row (at int, who varchar)
"""
NOTED = "CREATE TABLE noted (id int GENERATED ALWAYS AS IDENTITY, at int CHECK (at < 100), who varchar(5), by varchar)"
VALUES = "SELECT %s::jsonb, %s::timestamptz, %s::uuid[], %s::bytea, %s::varchar[], %s::int, '50%%'"
TRANSACTION = "SELECT pg_current_xact_id()::text, %s::int"


@pytest.fixture(autouse=True)
def _database(fresh_database):
    del fresh_database


def use(work: Callable[[SharedSession], Awaitable[Any]], connect=connect_as_django) -> Any:
    """Do the work with a session that is open."""

    async def run() -> Any:
        session = SharedSession(connect, "tests")
        try:
            await opened(session)
            return await work(session)
        finally:
            await session.close()

    return asyncio.run(run())


async def opened(session: SharedSession) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                await session.ask("SELECT 1", [])
            except Unavailable:
                await asyncio.sleep(0.01)  # the pause of a bounded wait
            else:
                return


async def outcomes(*answers: "asyncio.Future[Any]") -> list[Any]:
    return await asyncio.gather(*answers, return_exceptions=True)


def test_values_are_those_of_djangos_connections():
    at = datetime(2026, 5, 3, 10, tzinfo=UTC)
    parameters = ['{"a": 1}', at, [UUID(int=7)], b"\0\xff", ["contact"], None]
    [row] = use(lambda session: session.ask(VALUES, parameters))
    assert [row] == run_prepared(VALUES, parameters)
    assert row[:2] == ('{"a": 1}', at)


def test_what_no_database_takes_is_answered_and_harms_no_later_question():
    async def work(session):
        told = await outcomes(session.ask("SELECT %s::text", ["\ud800"]), session.ask("SELECT 1", []))
        await opened(session)
        return told, await session.ask("SELECT 2", [])

    told, later = use(work)
    assert [type(each) for each in told] == [Unavailable, Unavailable]
    assert later == [(2,)]


def test_the_same_statement_takes_other_values_and_other_types():
    async def work(session):
        return [
            await session.ask("SELECT %s::uuid[], %s::text", each)
            for each in ([[], "a"], [[UUID(int=1)], "b"], [[UUID(int=2), UUID(int=3)], None])
        ]

    assert use(work) == [[([], "a")], [([UUID(int=1)], "b")], [([UUID(int=2), UUID(int=3)], None)]]


def test_a_statement_is_prepared_once():
    async def work(session):
        for number in range(5):
            await session.ask(TRANSACTION, [number])
        return await session.ask(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%xact_id%%int'", []
        )

    assert use(work) == [(1,)]


def test_what_is_asked_together_and_while_others_wait_is_one_transaction():
    async def work(session):
        first = session.ask(TRANSACTION, [1]), session.ask(TRANSACTION, [2])
        await asyncio.sleep(0)  # sent, not answered
        second = [session.ask(TRANSACTION, [number]) for number in (3, 4, 5)]
        return [await answer for answer in (*first, *second)]

    rows = [row for [row] in use(work)]
    assert [number for _, number in rows] == [1, 2, 3, 4, 5]
    assert len({transaction for transaction, _ in rows[:2]}) == 1
    assert len({transaction for transaction, _ in rows[2:]}) == 1
    assert len({transaction for transaction, _ in rows}) == 2


def test_an_answer_means_that_it_is_committed(fresh_database):
    async def work(session):
        await session.ask("CREATE TABLE noted (at int)", [])
        await asyncio.gather(*(session.ask("INSERT INTO noted VALUES (%s)", [each]) for each in range(3)))
        with fresh_database.connect() as other:
            return other.execute("SELECT at FROM noted ORDER BY at").fetchall()

    assert use(work) == [(0,), (1,), (2,)]


def test_one_that_fails_undoes_its_group_and_later_ones_are_answered(monkeypatch):
    monkeypatch.setattr(shared_session, "PAUSE_S", 0.0)

    async def work(session):
        await session.ask("CREATE TABLE noted (at int)", [])
        failed = await outcomes(
            session.ask("INSERT INTO noted VALUES (1)", []), session.ask("SELECT 1 / %s::int", [0])
        )
        await opened(session)
        return failed, await session.ask("SELECT count(*) FROM noted", [])

    failed, rows = use(work)
    assert [type(each) for each in failed] == [Unavailable, Unavailable]
    assert rows == [(0,)]


def rows_of(*numbers: int) -> list[str]:
    return [f'{{"at": {number}, "who": "jane"}}' for number in numbers]


async def noted(session: SharedSession) -> list[Any]:
    return await session.ask("SELECT at, who, by FROM noted ORDER BY id", [])


def test_rows_that_are_added_together_are_one_statement_in_the_order_they_came(fresh_database):
    async def work(session):
        await session.ask(NOTED, [])
        answers = [session.add(ADD, row) for row in rows_of(3, 1, 2)]
        counted = session.ask("SELECT count(*) FROM noted", [])
        found = [await each for each in (*answers, counted)]
        with fresh_database.connect() as other:
            kept = other.execute("SELECT at, who, by FROM noted ORDER BY id").fetchall()
        return found, kept

    found, kept = use(work)
    assert found[:3] == [[], [], []]
    assert [(at, who) for at, who, _ in kept] == [(3, "jane"), (1, "jane"), (2, "jane")]
    assert len({transaction for _, _, transaction in kept}) == 1


def test_a_list_of_rows_is_sent_once(monkeypatch):
    sent: list[Any] = []
    send = shared_session._Statements.send

    def counted(self, query, parameters):
        sent.append(parameters)
        return send(self, query, parameters)

    async def work(session):
        await session.ask(NOTED, [])
        monkeypatch.setattr(shared_session._Statements, "send", counted)
        await asyncio.gather(*(session.add(ADD, row) for row in rows_of(1, 2)))

    use(work)
    assert sent == [["[" + ",".join(rows_of(1, 2)) + "]"]]


def test_a_row_that_fails_undoes_its_group_so_that_each_asks_anew(monkeypatch):
    monkeypatch.setattr(shared_session, "PAUSE_S", 0.0)

    async def work(session):
        await session.ask(NOTED, [])
        failed = await outcomes(*(session.add(ADD, row) for row in rows_of(1, 100, 2)))
        await opened(session)
        alone = await outcomes(session.add(ADD, rows_of(1)[0]))
        return failed, alone, await noted(session)

    failed, alone, rows = use(work)
    assert [type(each) for each in failed] == [Unavailable] * 3
    assert alone == [[]]
    assert [at for at, _, _ in rows] == [1]


def test_what_is_too_long_is_refused_and_not_cut_off(monkeypatch):
    monkeypatch.setattr(shared_session, "PAUSE_S", 0.0)

    async def work(session):
        await session.ask(NOTED, [])
        failed = await outcomes(session.add(ADD, '{"at": 1, "who": "somebody"}'))
        await opened(session)
        return failed, await noted(session)

    failed, rows = use(work)
    assert ([type(each) for each in failed], rows) == ([Unavailable], [])


def test_rows_that_came_while_a_group_was_under_way_go_together():
    async def work(session):
        await session.ask(NOTED, [])
        first = session.add(ADD, rows_of(1)[0])
        await asyncio.sleep(0)  # sent, not answered
        behind = [session.add(ADD, row) for row in rows_of(2, 3)]
        await asyncio.gather(first, *behind)
        return await noted(session)

    rows = use(work)
    assert [at for at, _, _ in rows] == [1, 2, 3]
    assert [transaction == rows[1][2] for _, _, transaction in rows] == [False, True, True]


def test_a_session_that_is_closed_tells_those_whose_rows_wait():
    async def work(session):
        await session.ask(NOTED, [])
        waiting = session.add(ADD, rows_of(1)[0])
        await session.close()
        return await outcomes(waiting)

    assert [type(each) for each in use(work)] == [Unavailable]


def test_who_waits_on_a_connection_that_breaks_is_told(fresh_database, monkeypatch):
    monkeypatch.setattr(shared_session, "PAUSE_S", 0.0)

    async def work(session):
        [(process,)] = await session.ask("SELECT pg_backend_pid()", [])
        waiting = session.ask("SELECT pg_sleep(60)", [])
        await asyncio.sleep(0)
        behind = session.ask("SELECT 1", [])
        with fresh_database.connect(autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [process])
        broken = await outcomes(waiting, behind)
        await opened(session)
        return broken

    assert [type(each) for each in use(work)] == [Unavailable, Unavailable]


def test_who_gets_no_answer_in_time_is_told(monkeypatch):
    async def work(session):
        monkeypatch.setattr(shared_session, "PATIENCE_S", 0.05)
        return await outcomes(session.ask("SELECT pg_sleep(60)", []))

    assert [type(each) for each in use(work)] == [Unavailable]


def test_who_no_longer_waits_takes_nothing_from_others():
    async def work(session):
        gone, other = session.ask("SELECT 1", []), session.ask("SELECT 2", [])
        gone.cancel()
        return await other

    assert use(work) == [(2,)]


def test_long_texts_arrive_whole_in_both_directions():
    text = "x" * 20_000_000
    assert use(lambda session: session.ask("SELECT %s::text", [text])) == [(text,)]


def test_a_database_that_cannot_be_reached_is_tried_again_after_a_pause():
    tries = []

    def connect():
        tries.append(1)
        raise psycopg.OperationalError

    async def run() -> None:
        session = SharedSession(connect, "tests")
        for _ in range(3):
            with pytest.raises(Unavailable):
                session.ask("SELECT 1", [])
            await asyncio.sleep(0)
        await session.close()

    asyncio.run(run())
    assert tries == [1]


def test_parameters_are_numbered():
    assert numbered("SELECT %s, '%%', %s") == "SELECT $1, '%', $2"
    assert numbered("SELECT 1") == "SELECT 1"
