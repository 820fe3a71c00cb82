"""A pytest plugin: one embedded PostgreSQL for the whole run, started before the settings are read."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from cdp_site.postgres.server import EmbeddedPostgres


def start() -> None:
    """Start the server in a home of its own and have the settings use both."""
    _keep_bytecode()
    home = Path(tempfile.mkdtemp(prefix="hw-test-"))
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


def _spare_the_disk(server: EmbeddedPostgres) -> None:
    """Do not wait for the disk: tests kill processes, never this machine's power, and make many databases."""
    with psycopg.connect(**server.connection_settings(), autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
        connection.execute("SELECT pg_reload_conf()")


start()
