"""Databases that may be hurt: a server of the test's own, and one behind a bad network."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from cdp_site.postgres.server import EmbeddedPostgres
from tests.conftest import ROOT


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

    def connect(self, **options: Any) -> psycopg.Connection[Any]:
        return psycopg.connect(self.conninfo, **options)

    def migrate(self) -> None:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "-v0"],
            cwd=ROOT, env=self.environment, check=True, timeout=120,
        )  # fmt: skip


@contextmanager
def own_server(home: Path | None = None) -> Iterator[EmbeddedPostgres]:
    """A server of the test's own, stopped and removed at the end."""
    home = home or Path(tempfile.mkdtemp(prefix="hw-gone-"))
    home.mkdir(exist_ok=True)
    home.chmod(0o755)
    made = EmbeddedPostgres(home)
    made.start()
    try:
        yield made
    finally:
        made.stop()
        shutil.rmtree(home, ignore_errors=True)


def kill_server(server: EmbeddedPostgres) -> None:
    """Kill -9 the server's first process; its others end by themselves."""
    os.kill(int((server.data / "postmaster.pid").read_text().split("\n", 1)[0]), signal.SIGKILL)


def proxied_url(conninfo: str, port: int) -> str:
    """As DATABASE_URL, the database reached through a loopback port."""
    settings = psycopg.conninfo.conninfo_to_dict(conninfo)
    login = f"{settings['user']}:{quote(str(settings['password']), safe='')}"
    return f"postgres://{login}@127.0.0.1:{port}/{settings['dbname']}"
