"""Fixtures that all tests share."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from psycopg import sql

from tests.kafka_fixtures import guarded_kafka, kafka_cluster  # noqa: F401  # fixtures
from tests.kafka_rest import let_rest_or_wake
from tests.lanes import begin_with_long_files, files_on_kafka
from tests.second_tries import allow_second_tries, fix_examples

ROOT = Path(__file__).resolve().parents[1]
_ON_KAFKA = pytest.StashKey[frozenset[Path]]()

fix_examples()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Pytest's own hook."""
    allow_second_tries(items)
    begin_with_long_files(items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Pytest's own hook."""
    session.stash[_ON_KAFKA] = files_on_kafka(session.items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Pytest's own hook."""
    let_rest_or_wake(item, item.session.stash[_ON_KAFKA])


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


@pytest.fixture(scope="session")
def migrated_template() -> Database:
    """A database with all migrations applied, from which `fresh_database` is copied."""
    template = Database("headwater_template")
    _administer(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(template.name)))  # of a first try
    _administer(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(template.name)))
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"],
        cwd=ROOT,
        env=template.environment,
        check=True,
        timeout=280,
    )
    return template


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, migrated_template: Database
) -> None:
    """Have pytest-django copy the template too, for tests that roll back, instead of migrating once more."""
    del django_db_modify_db_settings_parallel_suffix
    connections["default"].settings_dict["TEST"]["TEMPLATE"] = migrated_template.name


@pytest.fixture
def fresh_database(migrated_template: Database, django_db_blocker) -> Iterator[Database]:
    """A migrated database of the test's own: for real commits, several connections, and processes.

    Django's ORM in the test uses it too. It is dropped at the end, whoever is still connected.
    """
    database = Database(f"t_{uuid.uuid4().hex[:12]}")
    names = {"new": sql.Identifier(database.name), "template": sql.Identifier(migrated_template.name)}
    _administer(sql.SQL("CREATE DATABASE {new} TEMPLATE {template} STRATEGY FILE_COPY").format(**names))
    connection = connections["default"]
    connection.close()
    former, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], database.name
    try:
        with django_db_blocker.unblock():
            yield database
    finally:
        connection.close()
        connection.settings_dict["NAME"] = former
        _administer(sql.SQL("DROP DATABASE {new} WITH (FORCE)").format(**names))
