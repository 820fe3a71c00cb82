"""The database is away for a minute: the collector goes on, consumers wait, and nothing becomes a dead letter."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from cdp_site.postgres.server import EmbeddedPostgres
from tests.conftest import ROOT
from tests.faults.checking import check
from tests.faults.system import System
from tests.ingestion.collector.serving import eventually

pytestmark = [pytest.mark.fault, pytest.mark.timeout(400)]
AWAY_S = 60.0


class OwnDatabase:
    """The database of a server that the test may kill."""

    def __init__(self, server: EmbeddedPostgres) -> None:
        settings = server.connection_settings()
        self.conninfo = psycopg.conninfo.make_conninfo(**settings)
        login = f"{settings['user']}:{quote(settings['password'], safe='')}"
        host = quote(settings["host"], safe="")
        self.url = f"postgres://{login}@/{settings['dbname']}?host={host}&port={settings['port']}"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "DATABASE_URL": self.url}

    def connect(self, **options) -> psycopg.Connection:
        return psycopg.connect(self.conninfo, **options)


@pytest.fixture
def server() -> Iterator[EmbeddedPostgres]:
    home = Path(tempfile.mkdtemp(prefix="hw-gone-"))
    home.chmod(0o755)
    made = EmbeddedPostgres(home)
    made.start()
    yield made
    made.stop()
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def system(server, tmp_path) -> Iterator[System]:
    database = OwnDatabase(server)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"],
        cwd=ROOT, env=database.environment, check=True, timeout=120,
    )  # fmt: skip
    made = System(database, tmp_path)
    yield made
    made.stop()


def test_the_database_dies_for_a_minute(server, system):
    system.web.start()
    consumers = system.consume()
    with system.load(pause=0.05) as load:
        load.wait_for(100)
        eventually(system.applied, seconds=60)
        postmaster = int((server.data / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(postmaster, signal.SIGKILL)
        gone = time.monotonic()
        eventually(lambda: not server.is_running(), seconds=30)
        load.wait_for(200, seconds=AWAY_S)
        eventually(lambda: time.monotonic() - gone > AWAY_S, seconds=2 * AWAY_S)
        load.wait_for(50)
        assert list((system.home / "spool").glob("*/*.spool")), "what was acknowledged meanwhile is on disk"
        assert not consumers.died(), "consumers wait for the database"
        assert server.restart_if_dead()
        load.wait_for(100)
    eventually(lambda: system.applied() > len(load.ledger.acknowledged) // 2, seconds=90)
    consumers.signal(signal.SIGTERM)
    assert consumers.wait(60) == 0
    system.drain()
    check(system.database, load.ledger)
