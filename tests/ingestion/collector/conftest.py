"""A running server for the tests of a module, and servers of their own for tests that break them."""

import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from psycopg import sql

from tests.conftest import Database, _administer
from tests.ingestion.collector.serving import LogView, Server, add_source


@pytest.fixture(scope="module")
def module_database(migrated_template) -> Iterator[Database]:
    """A migrated database for all tests of a module."""
    database = Database(f"m_{uuid.uuid4().hex[:12]}")
    names = {"new": sql.Identifier(database.name), "template": sql.Identifier(migrated_template.name)}
    _administer(sql.SQL("CREATE DATABASE {new} TEMPLATE {template} STRATEGY FILE_COPY").format(**names))
    yield database
    _administer(sql.SQL("DROP DATABASE {new} WITH (FORCE)").format(**names))


@pytest.fixture(scope="module")
def server(module_database) -> Iterator[Server]:
    """The server, with one source."""
    add_source(module_database.conninfo)
    home = Path(tempfile.mkdtemp(prefix="hw-collector-"))
    server = Server(module_database.environment, home)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def log(module_database, server) -> Iterator[LogView]:
    view = LogView(module_database.conninfo)
    yield view
    view.close()


@pytest.fixture
def make_server(fresh_database, tmp_path) -> Iterator[Callable[..., Server]]:
    """Servers on a database of the test's own; `extra` is environment."""
    add_source(fresh_database.conninfo)
    made: list[Server] = []

    def make(home: Path | None = None, **extra: str) -> Server:
        made.append(Server(fresh_database.environment, home or tmp_path, **extra))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def fresh_log(fresh_database) -> Iterator[LogView]:
    view = LogView(fresh_database.conninfo)
    yield view
    view.close()
