"""The PostgreSQL log in a database of the test's own, and a session beside it."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from streaming.postgres.log import PostgresLog
from tests.conftest import Database
from tests.streaming.contract.subject import Subject


@pytest.fixture
def subject(fresh_database: Database) -> Iterator[Subject]:
    log = PostgresLog(fresh_database.conninfo)
    yield Subject(log, fresh_database.conninfo)
    log.close()


@pytest.fixture
def session(fresh_database: Database) -> Iterator[psycopg.Connection[Any]]:
    with fresh_database.connect(autocommit=True) as connection:
        yield connection
