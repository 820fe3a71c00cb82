"""Two PostgreSQL servers, of which the second follows the first synchronously until it is promoted."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from psycopg.conninfo import make_conninfo

from cdp_site.postgres.binaries import bundled_binaries
from cdp_site.postgres.loopback import free_port
from cdp_site.postgres.server import EmbeddedPostgres
from tests.faults.databases import kill_server
from tests.waiting import eventually

_SPARE_THE_DISK = (
    "fsync = off\nfull_page_writes = off\n"  # processes are killed here, never the machine's power
)


class Pair:
    """A primary and a standby, as one database whose address names both."""

    def __init__(self, primary: EmbeddedPostgres, standby: EmbeddedPostgres) -> None:
        self.primary, self.standby = primary, standby
        settings = primary.connection_settings()
        self._settings = {
            "host": "127.0.0.1,127.0.0.1", "port": f"{primary.port},{standby.port}", "user": settings["user"],
            "password": settings["password"], "dbname": settings["dbname"],
        }  # fmt: skip

    @property
    def conninfo(self) -> str:
        return make_conninfo(**self._settings, target_session_attrs="read-write")

    @property
    def url(self) -> str:
        login = f"{self._settings['user']}:{quote(self._settings['password'], safe='')}"
        hosts = f"127.0.0.1:{self.primary.port},127.0.0.1:{self.standby.port}"
        return f"postgres://{login}@{hosts}/{self._settings['dbname']}"

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "DATABASE_URL": self.url}

    def connect(self, **options: Any) -> psycopg.Connection[Any]:
        return psycopg.connect(self.conninfo, **options)

    def kill_primary(self) -> None:
        kill_server(self.primary)
        eventually(lambda: not self.primary.is_running(), seconds=20)

    def make_primary_read_only(self) -> None:
        """As an operator does before a switch."""
        _order(self.primary, "ALTER SYSTEM SET default_transaction_read_only = on")
        _order(self.primary, "SELECT pg_reload_conf()")

    def promote(self) -> None:
        _order(self.standby, "SELECT pg_promote(true, 30)")
        eventually(lambda: not _ask(self.standby, "SELECT pg_is_in_recovery()"), seconds=20)


@contextmanager
def a_pair(template_conninfo: str) -> Iterator[Pair]:
    """Both servers, with a copy of the template's database; stopped and removed at the end."""
    with ExitStack() as stack:
        homes = []
        for name in ("first", "second"):
            home = Path(tempfile.mkdtemp(prefix=f"hw-{name}-"))
            stack.callback(shutil.rmtree, home, ignore_errors=True)
            home.chmod(0o755)
            homes.append(home)
        primary, standby = (EmbeddedPostgres(home) for home in homes)
        stack.callback(primary.stop)
        primary.start()
        _restore(template_conninfo, primary)
        primary.stop()
        _follow(primary, standby, homes)
        stack.callback(standby.stop)
        primary.start()
        standby.start()
        replication = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
        eventually(lambda: _ask(primary, replication), seconds=20)
        yield Pair(primary, standby)


def _restore(template_conninfo: str, server: EmbeddedPostgres) -> None:
    programs, settings = bundled_binaries(), server.connection_settings()
    dump = subprocess.run(
        [programs / "pg_dump", "--no-owner", "-Fc", "-d", template_conninfo], capture_output=True, check=True, timeout=60
    )  # fmt: skip
    subprocess.run(
        [programs / "pg_restore", "--no-owner", "-d", make_conninfo(**settings)], input=dump.stdout, check=True, timeout=60
    )  # fmt: skip


def _follow(primary: EmbeddedPostgres, standby: EmbeddedPostgres, homes: list[Path]) -> None:
    """Make the second a copy of the first, which it follows; the first waits for it at each commit."""
    subprocess.run(["cp", "-a", f"{homes[0]}/.", str(homes[1])], check=True, timeout=60)
    (standby.directory / "port").write_text(str(free_port()))
    conninfo = make_conninfo(
        **{**primary.connection_settings(), "host": "127.0.0.1"}, application_name="standby"
    )
    quoted = conninfo.replace("'", "''")
    _set(standby, f"{_SPARE_THE_DISK}primary_conninfo = '{quoted}'\n")
    _set(primary, f"{_SPARE_THE_DISK}synchronous_standby_names = 'standby'\n")
    signal_file = standby.data / "standby.signal"
    signal_file.touch()
    owner = standby.data.stat()
    os.chown(signal_file, owner.st_uid, owner.st_gid)


def _set(server: EmbeddedPostgres, lines: str) -> None:
    with (server.data / "postgresql.auto.conf").open("a") as file:
        file.write(lines)


def _order(server: EmbeddedPostgres, statement: str) -> None:
    with psycopg.connect(**server.connection_settings(), autocommit=True) as connection:
        connection.execute(statement)


def _ask(server: EmbeddedPostgres, statement: str) -> Any:
    with psycopg.connect(**server.connection_settings(), autocommit=True) as connection:
        row = connection.execute(statement).fetchone()
        assert row is not None
        return row[0]
