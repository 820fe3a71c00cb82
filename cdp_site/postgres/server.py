"""One embedded PostgreSQL server: made once, started, watched, stopped.

The server's files stand in `HEADWATER_HOME/postgres`. It listens on loopback and a Unix socket only, asks for
a scram password that the project made, and never runs as root: started by root, it runs as `nobody`.
"""

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, Any

import psycopg

from cdp_site.postgres.binaries import bundled_binaries, check_binaries
from cdp_site.postgres.loopback import free_port, port_is_free
from cdp_site.postgres.place import ACCOUNT, GROUP, choose_place, place_of, programs_of
from cdp_site.postgres.tuning import server_settings
from cdp_site.supervision.tether import die_with_parent

USER = "headwater"
DATABASE = "headwater"
START_TIMEOUT_S = 120
STOP_TIMEOUT_S = 60
LEFTOVERS_TIMEOUT_S = 15
_MAX_SOCKET_PATH = 90  # the kernel takes 107 bytes, and the socket's own name needs some


class PostgresFailed(Exception):
    """The server could not be made, started or stopped."""


class AlreadyRunning(PostgresFailed):
    """Another process runs a server on the same directory."""


class EmbeddedPostgres:
    """The server of one HEADWATER_HOME. `start` and `stop` block; both are idempotent in one process."""

    def __init__(self, home: Path, binaries: Path | None = None) -> None:
        self.directory = home.resolve() / "postgres"
        self.log = self.directory / "server.log"
        self.binaries = binaries or bundled_binaries()
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """PostgreSQL's data directory."""
        return place_of(self.directory) / "data"

    @property
    def socket_directory(self) -> Path:
        """Where the Unix socket is; outside the home when that has too long a path."""
        directory = place_of(self.directory) / "socket"
        if len(os.fsencode(directory)) <= _MAX_SOCKET_PATH:
            return directory
        digest = hashlib.blake2b(os.fsencode(self.directory), digest_size=8).hexdigest()
        return Path(tempfile.gettempdir()) / f"headwater-{os.getuid()}-{digest}"

    @property
    def port(self) -> int:
        """The loopback port, which also names the socket."""
        return int((self.directory / "port").read_text())

    @property
    def password(self) -> str:
        """The password of the server's only role."""
        return (self.directory / "password").read_text().strip()

    def connection_settings(self, database: str = DATABASE) -> dict[str, Any]:
        """What psycopg needs to connect."""
        return {
            "host": str(self.socket_directory), "port": self.port, "user": USER, "password": self.password,
            "dbname": database,
        }  # fmt: skip

    def is_running(self) -> bool:
        """Whether a server runs on the directory, whoever started it."""
        return self._postmaster() is not None

    def start(self) -> None:
        """Make the server if it is new, start it, and wait until it answers.

        A server whose starter died is adopted. Raises AlreadyRunning while another process keeps one here,
        PostgresFailed with the end of the server's log, UnusablePostgres.
        """
        if self._lock is not None:
            return
        check_binaries(self.binaries)
        self._take_lock()
        try:
            self._initialise()
            self._bring_up()
            self._create_database()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop a server that this process started or adopted: fast, and at once when it does not obey."""
        if self._lock is None:
            return
        deadline = time.monotonic() + STOP_TIMEOUT_S
        asked = False
        while (pid := self._postmaster()) is not None:
            late = time.monotonic() > deadline
            if late or not asked:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGQUIT if late else signal.SIGINT)  # at once, or PostgreSQL's "fast"
                asked = True
            self._reap()
            time.sleep(0.05)
        if self._process is not None:  # it removes its file of its id a moment before it ends
            self._process.wait(STOP_TIMEOUT_S)
            self._process = None
        self._lock.close()
        self._lock = None

    @property
    def is_ours(self) -> bool:
        """Whether this process keeps the server."""
        return self._lock is not None

    def answers(self) -> bool:
        """Whether a server takes connections now, whoever started it."""
        try:
            psycopg.connect(**self.connection_settings(), connect_timeout=5).close()
        except (psycopg.OperationalError, OSError, ValueError):  # it is not there, or not even made
            return False
        return True

    def restart_if_dead(self) -> bool:
        """Start the server again when it died; True when that was needed. Only its keeper does so."""
        self._reap()
        if self._lock is None or self.is_running():
            return False
        if self._process is not None:
            # It has left its port and its memory, and is no child that ended yet: as such it would keep its lock file.
            self._process.wait(STOP_TIMEOUT_S)
            self._process = None
        self._bring_up()
        return True

    def _take_lock(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        lock = (self.directory / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            owner = lock.read().strip() or "unknown"
            lock.close()
            raise AlreadyRunning(
                f"process {owner} already runs the embedded PostgreSQL of {self.directory.parent}: stop it first, "
                "or set HEADWATER_HOME to another directory"
            ) from error
        lock.seek(0)
        lock.truncate()
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _initialise(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            choose_place(self.directory)
        self._prepare_sockets()
        if (self.data / "PG_VERSION").exists():
            return
        shutil.rmtree(self.data, ignore_errors=True)  # a torn initdb
        password = self.directory / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        (self.directory / "port").write_text(str(free_port()))
        building = self.data.with_name("data.new")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(mode=0o700)
        self._own(building)
        with tempfile.NamedTemporaryFile("w", dir=self.socket_directory) as password_copy:
            password_copy.write(self.password)
            password_copy.flush()
            self._own(Path(password_copy.name))
            # Stretching 192 random bits makes them no safer, and takes each new session milliseconds.
            self._run(
                "initdb", "-D", str(building), "-U", USER, f"--pwfile={password_copy.name}", "--auth=scram-sha-256",
                "--set=scram_iterations=1", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums",
            )  # fmt: skip
        building.rename(self.data)

    def _prepare_sockets(self) -> None:
        self.socket_directory.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._own(self.socket_directory)

    def _bring_up(self) -> None:
        deadline = time.monotonic() + LEFTOVERS_TIMEOUT_S
        while True:
            if not self.is_running():
                self._launch()
            try:
                self._wait_until_ready()
            except PostgresFailed:
                # The sessions of a server that was killed hold its memory for a moment, and it cannot start so long.
                if self._process is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
            else:
                return

    def _launch(self) -> None:
        # Processes that run know the number, which names the socket too: who has the port for TCP does not change it.
        by_tcp = port_is_free(self.port)
        config = self.data / "headwater.conf"
        lines = server_settings(str(self.socket_directory), self.port, by_tcp=by_tcp).items()
        config.write_text("".join(f"{name} = {value}\n" for name, value in lines))
        self._own(config)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._program("postgres"), "-D", self.data, "-c", f"config_file={config}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **self._identity(),
                preexec_fn=_stop_with_parent,  # noqa: PLW1509 -- it only calls prctl
            )  # fmt: skip

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(**self.connection_settings("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError as error:
                self._reap()
                if self._process is None and not self.is_running():
                    raise PostgresFailed(f"PostgreSQL stopped while starting: {self._log_end()}") from error
                if time.monotonic() > deadline:
                    raise PostgresFailed(f"PostgreSQL does not answer: {error}; {self._log_end()}") from error
                time.sleep(0.05)
            else:
                return

    def _create_database(self) -> None:
        with psycopg.connect(**self.connection_settings("postgres"), autocommit=True) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,)).fetchone()
            if known is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")

    def _postmaster(self) -> int | None:
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if status != "Z" and os.fsencode(self.data) in arguments.split(b"\0") else None

    def _reap(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            self._process = None

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._program(program), *arguments], capture_output=True, text=True, timeout=START_TIMEOUT_S, check=False,
            cwd=self.socket_directory, **self._identity(),
        )  # fmt: skip
        if done.returncode:
            raise PostgresFailed(f"{program} failed: {done.stderr.strip()[-800:]}")

    def _program(self, name: str) -> Path:
        return programs_of(self.binaries, place_of(self.directory)) / name

    def _identity(self) -> dict[str, Any]:
        return {"user": ACCOUNT, "group": GROUP, "extra_groups": []} if os.getuid() == 0 else {}

    def _own(self, path: Path) -> None:
        if os.getuid() == 0:
            shutil.chown(path, ACCOUNT, GROUP)

    def _log_end(self) -> str:
        try:
            return f"the end of {self.log} says: {self.log.read_text(errors='replace')[-800:]}"
        except OSError:
            return f"{self.log} cannot be read"


def _stop_with_parent() -> None:
    """A server does not outlive its keeper: it stops cleanly when that is killed."""
    die_with_parent(signal.SIGINT)
