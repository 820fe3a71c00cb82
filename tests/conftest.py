"""Fixtures that all tests share."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from _pytest.terminal import TerminalReporter
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from compliance.rates import limits
from compliance.rates.buckets import Table
from streaming.event_log import close_event_log
from tests.answered_files import _close_answered_files  # noqa: F401  # a fixture
from tests.kafka_fixtures import guarded_kafka, kafka_cluster  # noqa: F401  # fixtures
from tests.kafka_rest import let_rest_or_wake
from tests.lanes import begin_with_long_files, files_on_kafka
from tests.migrated import fill
from tests.quickness import be_quick
from tests.rows_kept import _note_what_outlives_rollbacks, forget_rows  # noqa: F401  # a fixture
from tests.second_tries import allow_second_tries, fix_examples, tell_of_first_tries

ROOT = Path(__file__).resolve().parents[1]
_ON_KAFKA = pytest.StashKey[frozenset[Path]]()

fix_examples()
be_quick()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pytest's own hook."""
    allow_second_tries(items)
    begin_with_long_files(items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Pytest's own hook."""
    session.stash[_ON_KAFKA] = files_on_kafka(session.items)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Pytest's own hook."""
    tell_of_first_tries(terminalreporter)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Pytest's own hook."""
    forget_rows()
    let_rest_or_wake(item, item.session.stash[_ON_KAFKA])


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Pytest's own hook."""
    if nextitem is None:
        close_event_log()  # a session that it keeps for the next look would keep the database from being dropped


@dataclass(frozen=True, slots=True)
class Database:
    """A database of the test server, by name."""

    name: str

    @property
    def conninfo(self) -> str:
        server = settings.DATABASES["default"]
        return psycopg.conninfo.make_conninfo(
            host=server["HOST"],
            port=server["PORT"],
            user=server["USER"],
            password=server["PASSWORD"],
            dbname=self.name,
        )

    @property
    def url(self) -> str:
        """As DATABASE_URL, for processes that a test starts."""
        server = settings.DATABASES["default"]
        login = f"{server['USER']}:{quote(server['PASSWORD'], safe='')}"
        return f"postgres://{login}@/{self.name}?host={quote(server['HOST'], safe='')}&port={server['PORT']}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process that should use this database."""
        return {**os.environ, "DATABASE_URL": self.url}

    def connect(self, **options: object) -> psycopg.Connection:
        return psycopg.connect(self.conninfo, **options)  # type: ignore[arg-type]


def _administer(statement: sql.Composed) -> None:
    with Database("postgres").connect(autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(autouse=True)
def own_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test asked for often does not slow down the next one."""
    limits.limit.cache_clear()
    monkeypatch.setattr(limits, "table", cache(Table))


@contextmanager
def used_by_django(database: Database) -> Iterator[None]:
    """Have Django's ORM in this process work on the database.

    What it remembers of content types is forgotten on both ways: a test that commits is followed by a flush, which
    numbers them anew in its database alone.
    """
    connection = connections["default"]
    connection.close()
    former, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], database.name
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = former
        ContentType.objects.clear_cache()


@pytest.fixture(scope="session")
def migrated_template(django_db_blocker) -> Database:
    """A database with all migrations applied, from which `fresh_database` is copied."""
    template = Database("headwater_template")
    _administer(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(template.name)))  # of a first try
    _administer(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(template.name)))
    with django_db_blocker.unblock(), used_by_django(template):
        fill(template.conninfo, lambda: call_command("migrate", verbosity=0))
    return template


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, migrated_template: Database
) -> None:
    """Have pytest-django copy the template too, for tests that roll back, instead of migrating once more."""
    del django_db_modify_db_settings_parallel_suffix
    connections["default"].settings_dict["TEST"]["TEMPLATE"] = migrated_template.name
    _allow_flushing()


def _allow_flushing() -> None:
    """Let Django empty the tables after a test that commits: triggers such as those of the audit trail refuse it."""
    operations = connections["default"].ops
    flush = operations.execute_sql_flush
    operations.execute_sql_flush = lambda sql_list: flush(  # type: ignore[method-assign]
        ["SET LOCAL session_replication_role = replica", *sql_list]
    )


@contextmanager
def copied(template: Database, kind: str = "t") -> Iterator[Database]:
    """A copy of the template, dropped at the end, whoever is still connected."""
    database = Database(f"{kind}_{uuid.uuid4().hex[:12]}")
    names = {"new": sql.Identifier(database.name), "template": sql.Identifier(template.name)}
    _administer(sql.SQL("CREATE DATABASE {new} TEMPLATE {template} STRATEGY FILE_COPY").format(**names))
    try:
        yield database
    finally:
        _administer(sql.SQL("DROP DATABASE {new} WITH (FORCE)").format(**names))


@pytest.fixture
def fresh_database(migrated_template: Database, django_db_blocker) -> Iterator[Database]:
    """A migrated database of the test's own: for real commits, several connections, and processes.

    Django's ORM in the test uses it too. It is dropped at the end, whoever is still connected.
    """
    with copied(migrated_template) as database, used_by_django(database), django_db_blocker.unblock():
        yield database
