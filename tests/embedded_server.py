"""A pytest plugin: one embedded PostgreSQL for the whole run, started before the settings are read."""

import atexit
import fcntl
import os
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psycopg
from psycopg import sql

from cdp_site.postgres.server import EmbeddedPostgres

_NEW_SECONDS = 600
_ROOM = 3 << 30  # for each of some lanes beside: half a gigabyte of data, and as much of write-ahead log


def start() -> None:
    """Start the server in a home of its own and have the settings use both."""
    _keep_bytecode()
    home = Path(tempfile.mkdtemp(prefix="hw-test-", dir=_in_memory()))
    home.chmod(0o755)
    os.environ["HEADWATER_HOME"] = str(home)
    os.environ["WEB_WORKERS"] = (
        "1"  # unless a test is about several: they share these cores with everything else
    )
    os.environ.pop("DATABASE_URL", None)
    server = EmbeddedPostgres(home)
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    atexit.register(server.stop)
    server.start()
    _spare_the_disk(server)


def _keep_bytecode() -> None:
    """Compile each module once, whatever the environment says: tests start some hundred processes of the product."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


def _in_memory() -> Path | None:
    """A directory in memory that has room for a server; None leaves it on the disk.

    Tests make some hundred databases of some thousand files, which take a disk's file system thrice the time.
    """
    memory = Path("/dev/shm")
    if not memory.is_dir():
        return None
    for home in memory.glob("hw-test-*"):
        _remove_if_left(home)
    return memory if shutil.disk_usage(memory).free >= _ROOM else None


def _remove_if_left(home: Path) -> None:
    """Remove the home of a run that was killed: it is some minutes old, and nobody keeps its server."""
    with suppress(OSError):
        if time.time() - home.stat().st_mtime < _NEW_SECONDS:
            return
        with (home / "postgres" / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(home, ignore_errors=True)


def _spare_the_disk(server: EmbeddedPostgres) -> None:
    """Do not wait for the disk: tests kill processes, never this machine's power, and make many databases."""
    settings = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "256MB"}
    with psycopg.connect(**server.connection_settings(), autocommit=True) as connection:
        for name, value in settings.items():
            statement = sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value))
            connection.execute(statement)
        connection.execute("SELECT pg_reload_conf()")


start()
