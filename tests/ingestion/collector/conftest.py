"""A running server for the tests of a module, and servers of their own for tests that break them."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.conftest import Database, copied
from tests.ingestion.collector.hooks import Make, add_webhook
from tests.ingestion.collector.serving import LogView, Server, add_source


@pytest.fixture(scope="module")
def module_database(migrated_template) -> Iterator[Database]:
    """A migrated database for all tests of a module."""
    with copied(migrated_template, "m") as database:
        yield database


@pytest.fixture(scope="module")
def server(module_database) -> Iterator[Server]:
    """The server, with one source; it can read the secrets which tests seal."""
    add_source(module_database.conninfo)
    home = Path(tempfile.mkdtemp(prefix="hw-collector-"))
    server = Server(module_database.environment, home, SECRETS_KEY=settings.SECRETS_KEYS[0])
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


@pytest.fixture
def hook(module_database) -> Make:
    """Makes a webhook and answers its address."""
    with psycopg.connect(module_database.conninfo) as connection:
        row = connection.execute("SELECT id FROM ingestion_source").fetchone()
    assert row is not None
    return lambda **fields: add_webhook(module_database.conninfo, row[0], **fields)
