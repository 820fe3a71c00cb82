"""A pytest plugin: one embedded PostgreSQL for the whole run, started before the settings are read."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from cdp_site.postgres.server import EmbeddedPostgres


def start() -> None:
    """Start the server in a home of its own and have the settings use both."""
    home = Path(tempfile.mkdtemp(prefix="hw-test-"))
    home.chmod(0o755)
    os.environ["HEADWATER_HOME"] = str(home)
    os.environ.pop("DATABASE_URL", None)
    server = EmbeddedPostgres(home)
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    atexit.register(server.stop)
    server.start()


start()
