"""A database for the tests of a module, as good as new for each of them."""

import uuid
from collections.abc import Iterator

import pytest
from psycopg import sql

from tests.conftest import Database, used_by_django


@pytest.fixture(scope="module")
def shared_database(migrated_template: Database) -> Iterator[Database]:
    """A database for the tests of a module, whose topics and values are their own."""
    database = Database(f"m_{uuid.uuid4().hex[:12]}")
    names = sql.Identifier(database.name), sql.Identifier(migrated_template.name)
    with Database("postgres").connect(autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        yield database
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(names[0]))


# Whatever a test before left: sessions, topics, and rows of all the runtime's tables.
_END_SESSIONS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()
"""
_EMPTY = """
DROP TABLE IF EXISTS effect;
DELETE FROM log_topic;
TRUNCATE consumer_position, consumer_lease, consumer_worker, consumer_total, dead_letter, dead_letter_edit,
    resubmission, lane_mark, outbox_record,
    outbox_predecessor, outbox_lane, consumer_flow, consumer_retirement,
    topic_setting RESTART IDENTITY
"""


@pytest.fixture
def clean_database(shared_database: Database, django_db_blocker) -> Iterator[Database]:
    """The module's database as if it were new, in a fraction of the time that a new one takes.

    Django's ORM in the test uses it too.
    """
    with shared_database.connect(autocommit=True) as connection:
        connection.execute(_END_SESSIONS, [shared_database.name])
        connection.execute(_EMPTY)
    with used_by_django(shared_database), django_db_blocker.unblock():
        yield shared_database
