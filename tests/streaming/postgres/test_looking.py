"""Looks share a session for a moment, and do without one that has ended."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import psycopg
import pytest

from streaming.postgres import looking
from streaming.postgres.looking import Looks
from streaming.postgres.sessions import Connection, open_session
from tests.conftest import Database


@pytest.fixture
def opened() -> list[Connection]:
    return []


@pytest.fixture
def looks(fresh_database: Database, opened: list[Connection]) -> Iterator[Looks]:
    def connect() -> Connection:
        opened.append(open_session(fresh_database.conninfo, "looks"))
        return opened[-1]

    found = Looks(connect)
    yield found
    found.close()
    assert all(session.closed for session in opened)


def _process(session: Connection) -> Any:
    return session.execute("SELECT pg_backend_pid()").fetchall()[0][0]


def test_one_after_another_they_have_the_same_session(looks: Looks, opened: list[Connection]) -> None:
    assert len({looks.look(_process) for _ in range(5)}) == 1
    assert len(opened) == 1


def test_at_once_each_has_its_own_and_one_is_kept(looks: Looks, opened: list[Connection]) -> None:
    together = Barrier(3)

    def work(session: Connection) -> Any:
        together.wait(30)
        return _process(session)

    with ThreadPoolExecutor(3) as threads:
        assert len(set(threads.map(lambda _: looks.look(work), range(3)))) == 3
    assert sum(not session.closed for session in opened) == 1


def test_one_that_has_ended_is_replaced(looks: Looks, fresh_database: Database) -> None:
    former = looks.look(_process)
    with fresh_database.connect(autocommit=True) as session:
        session.execute("SELECT pg_terminate_backend(%s, 30000)", [former])
    assert looks.look(_process) != former


def test_what_is_wrong_with_the_work_is_told_at_once(looks: Looks, opened: list[Connection]) -> None:
    looks.look(_process)
    for statement, error in (("SELECT 1 FROM nothing", psycopg.errors.UndefinedTable), ("SELECT pg_sleep(9)", psycopg.errors.QueryCanceled)):  # fmt: skip
        done: list[int] = []

        def work(session: Connection, statement: str = statement, done: list[int] = done) -> None:
            done.append(1)
            session.execute("SET statement_timeout = '50ms'")
            session.execute(statement)

        with pytest.raises(error):
            looks.look(work)
        assert len(done) == 1


def test_an_old_one_is_not_used_again(
    looks: Looks, opened: list[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks.look(_process)
    monkeypatch.setattr(looking, "KEPT_SECONDS", -1.0)
    looks.look(_process)
    assert [session.closed for session in opened] == [True, False]
