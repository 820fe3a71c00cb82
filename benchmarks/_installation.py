"""An installation of its own for a measurement: embedded PostgreSQL, migrated, with processes that it starts."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import django
import psycopg

from benchmarks._waiting import PATIENCE_S, until
from cdp_site.postgres.server import EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[1]


class Installation:
    """Use it as a context: at its end all processes are stopped and, unless it has a `home` of its own, nothing is left."""

    def __init__(self, home: Path | None = None) -> None:
        self._is_kept = home is not None
        self.home = home or Path(tempfile.mkdtemp(prefix="headwater-bench-"))
        self.home.mkdir(exist_ok=True)
        self.home.chmod(0o755)
        self.port = free_port()
        self._environment = {**os.environ, "HEADWATER_HOME": str(self.home), "PORT": str(self.port)}
        self._environment.pop("DATABASE_URL", None)
        self._server = EmbeddedPostgres(self.home)
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self._server.start()
        self.manage("migrate", "-v0")
        return self

    def __exit__(self, *_exception: object) -> None:
        for process in reversed(self._processes):
            process.send_signal(signal.SIGTERM)
        for process in self._processes:
            process.wait(PATIENCE_S)
        self._server.stop()
        if not self._is_kept:
            shutil.rmtree(self.home, ignore_errors=True)

    def enter(self) -> None:
        """Have Django in this process work on it; once in a process."""
        os.environ.update({"DJANGO_SETTINGS_MODULE": "cdp_site.settings", **self._environment})
        os.environ.pop("DATABASE_URL", None)
        django.setup()

    @property
    def server_process(self) -> int:
        """The process id of its PostgreSQL server."""
        return int((self._server.data / "postmaster.pid").read_text().split()[0])

    @property
    def conninfo(self) -> str:
        """How its database is reached."""
        return psycopg.conninfo.make_conninfo("", **self._server.connection_settings())

    def connect(self) -> psycopg.Connection[Any]:
        """A session of the database, in autocommit."""
        return psycopg.connect(**self._server.connection_settings(), autocommit=True)

    def manage(self, *arguments: str) -> str:
        """Run a command of manage.py; returns what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self._environment, check=True, timeout=300, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a command of manage.py, and stop it at the end; what it prints goes to a file of the home."""
        return self._run(arguments[0], "manage.py", *arguments, **environment)

    @contextmanager
    def working(self) -> Iterator[None]:
        """The worker and the beat, as they are shipped, for a while."""
        others, celery = len(self._processes), ("-m", "celery", "-A", "cdp_site")
        self._run("worker", *celery, "worker", "--pool=threads", "--concurrency=4", "--loglevel=warning",
            "--without-gossip", "--without-mingle")  # fmt: skip
        self._run("beat", *celery, "beat", "--loglevel=warning", "--pidfile=")
        try:
            yield
        finally:
            ended = self._processes[others:]
            del self._processes[others:]
            for process in ended:
                process.send_signal(signal.SIGTERM)
            for process in ended:
                _end(process)

    def _run(self, name: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        log = (self.home / f"{name}.log").open("wb")
        command, variables = [sys.executable, *arguments], {**self._environment, **environment}
        self._processes.append(subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=log))
        return self._processes[-1]

    def serve(self, **environment: str) -> None:
        """Start the web server and wait until it answers; a second one needs a PORT of its own."""
        self.start("serve", **environment)
        try:
            until(lambda: _answers(environment.get("PORT", str(self.port))), "the web server answers")
        except TimeoutError as late:
            raise TimeoutError((self.home / "serve.log").read_text()[-2000:]) from late


def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait until it has ended as it was told, or have it end."""
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(PATIENCE_S)


def _answers(port: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/health/live", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
