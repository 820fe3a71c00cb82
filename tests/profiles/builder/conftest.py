"""A builder on a database that the tests of a module share, as good as new for each of them."""

import uuid
from collections.abc import Iterator

import pytest
from psycopg import sql

from profiles.models import LifecycleRule, Namespace
from streaming.contracts.profiles import CHANGES_TOPIC
from streaming.contracts.records import TopicSpec
from streaming.event_log import close_event_log, event_log
from tests.conftest import Database, used_by_django
from tests.profiles.builder.driver import Driver
from tests.profiles.builder.picture import clear


@pytest.fixture(scope="module")
def shared_database(migrated_template: Database) -> Iterator[Database]:
    database = Database(f"m_{uuid.uuid4().hex[:12]}")
    names = sql.Identifier(database.name), sql.Identifier(migrated_template.name)
    with Database("postgres").connect(autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        yield database
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(names[0]))


@pytest.fixture
def database(shared_database: Database, django_db_blocker) -> Iterator[Database]:
    """Without people, topics and suppressed identifiers, and with the rules that come with it."""
    with shared_database.connect() as connection:
        connection.execute("DELETE FROM log_topic; DELETE FROM compliance_suppressedidentifier")
        clear(connection)
    with used_by_django(shared_database), django_db_blocker.unblock():
        rules = [*Namespace.objects.all(), *LifecycleRule.objects.all()]
        yield shared_database
        for rule in rules:
            rule.save()


@pytest.fixture
def builder(database: Database) -> Iterator[Driver]:
    driver = Driver(database)
    yield driver
    driver.close()


@pytest.fixture
def staff(builder: Driver) -> Iterator[Driver]:
    """The builder, on a log that takes what decisions of the staff publish."""
    event_log().create_topics([TopicSpec(CHANGES_TOPIC, 1)])
    builder.connection.execute("SET synchronous_commit = off")
    builder.connection.commit()
    yield builder
    close_event_log()
