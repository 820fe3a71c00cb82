"""The embedded server: made once, its own, not root's, loopback only, back after kill -9, and alone."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from cdp_site.postgres.keeper import running
from cdp_site.postgres.server import AlreadyRunning, EmbeddedPostgres
from tests.ingestion.collector.serving import ROOT
from tests.waiting import eventually

pytestmark = pytest.mark.fault


@pytest.fixture(scope="module")
def made_home() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix="hw-pg-"))
    home.chmod(0o755)
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def server(made_home) -> Iterator[EmbeddedPostgres]:
    """A running server; its data are made for the first test and kept for the others."""
    server = EmbeddedPostgres(made_home)
    server.start()
    yield server
    server.stop()


def ask(server: EmbeddedPostgres, statement: str) -> object:
    with psycopg.connect(**server.connection_settings(), autocommit=True) as connection:
        cursor = connection.execute(statement)
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def postmaster(server: EmbeddedPostgres) -> int:
    pid = server._postmaster()
    assert pid is not None
    return pid


def test_it_never_runs_as_root(server):
    owner = Path(f"/proc/{postmaster(server)}").stat().st_uid
    assert owner != 0
    assert (server.data / "PG_VERSION").stat().st_uid == owner


def test_it_wants_the_password_that_was_made(server):
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(**{**server.connection_settings(), "password": "guessed"})
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(**{**server.connection_settings(), "host": "127.0.0.1", "password": "guessed"})
    assert ask(server, "SHOW password_encryption") == "scram-sha-256"
    assert (server.directory / "password").stat().st_mode & 0o077 == 0


def test_only_the_password_that_was_made_is_not_stretched(server):
    assert ask(server, "SELECT split_part(split_part(rolpassword, '$', 2), ':', 1) FROM pg_authid WHERE rolname = 'headwater'") == "1"  # fmt: skip
    assert ask(server, "SHOW scram_iterations") == "4096"


def test_it_listens_on_loopback_and_a_socket_only(server):
    assert ask(server, "SHOW listen_addresses") == "127.0.0.1"
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", server.port), timeout=5)


def test_erased_rows_do_not_live_on_in_old_log_files(server):
    assert ask(server, "SHOW wal_recycle") == "off"


def test_a_second_server_on_the_directory_is_refused_with_who_has_it(server, made_home):
    with pytest.raises(AlreadyRunning, match=f"process {os.getpid()} already runs .* set HEADWATER_HOME"):
        EmbeddedPostgres(made_home).start()
    assert ask(server, "SELECT 1") == 1


def test_it_is_made_once(made_home):
    first = EmbeddedPostgres(made_home)
    first.start()
    ask(first, "CREATE TABLE kept AS SELECT 7 AS seven")
    first.stop()
    second = EmbeddedPostgres(made_home)
    second.start()
    try:
        assert ask(second, "SELECT seven FROM kept") == 7
    finally:
        ask(second, "DROP TABLE kept")
        second.stop()


def test_it_stops_cleanly_with_sessions_open(made_home):
    server = EmbeddedPostgres(made_home)
    server.start()
    with psycopg.connect(**server.connection_settings()):
        pid = postmaster(server)
        server.stop()
    assert not Path(f"/proc/{pid}").exists()
    assert not server.is_running()
    assert "shutdown" in (server.log.read_text()[-500:])


def test_a_torn_initdb_is_made_anew(tmp_path):
    home = Path(tempfile.mkdtemp(prefix="hw-torn-"))
    home.chmod(0o755)
    server = EmbeddedPostgres(home)
    server.data.mkdir(parents=True)
    (server.data / "half").write_text("written")
    try:
        server.start()
        assert ask(server, "SELECT 1") == 1
    finally:
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def test_its_keeper_starts_it_again_after_kill_9(made_home):
    with running(made_home) as server:
        ask(server, "CREATE TABLE survivor AS SELECT 1 AS one")
        os.kill(killed := postmaster(server), signal.SIGKILL)
        eventually(lambda: server._postmaster() not in (None, killed) and server.answers(), seconds=60)
        assert ask(server, "SELECT one FROM survivor") == 1
        ask(server, "DROP TABLE survivor")
    assert not server.is_running()


def test_who_took_its_port_meanwhile_does_not_cut_off_who_uses_it(server):
    """Other processes know the socket by its number, and were not told of another one."""
    known = server.connection_settings()
    os.kill(postmaster(server), signal.SIGKILL)
    other = eventually(lambda: taken(server.port))
    assert other is not None
    with other:
        eventually(server.restart_if_dead)
        with psycopg.connect(**known) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)


def taken(port: int) -> socket.socket | None:
    """The port, once the server's processes left it."""
    with contextlib.suppress(OSError):
        return socket.create_server(("127.0.0.1", port))
    return None


def test_a_user_of_the_server_keeps_it_when_its_keeper_goes(made_home):
    keeper = EmbeddedPostgres(made_home)
    keeper.start()
    with running(made_home) as server:
        assert not server.is_ours
        keeper.stop()
        eventually(lambda: server.is_ours and server.answers(), seconds=60)
    assert not server.is_running()


def test_it_stops_when_its_keeper_is_killed(made_home):
    program = (
        "import sys, time; from pathlib import Path; from cdp_site.postgres.server import EmbeddedPostgres; "
        f"server = EmbeddedPostgres(Path({str(made_home)!r})); server.start(); print(server._postmaster(), flush=True); "
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as keeper:
        assert keeper.stdout is not None
        pid = int(keeper.stdout.readline())
        keeper.kill()
    eventually(lambda: not Path(f"/proc/{pid}").exists())


def test_a_home_that_the_server_may_not_enter(monkeypatch, tmp_path):
    """As for root's clone below /root: the server's files then stand elsewhere, and it is found there again."""
    elsewhere = Path(tempfile.mkdtemp(prefix="hw-else-"))
    elsewhere.chmod(0o755)
    monkeypatch.setattr("cdp_site.postgres.place.ELSEWHERE", elsewhere)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    try:
        for _ in range(2):
            with running(closed) as server:
                assert ask(server, "SELECT 1") == 1
                assert server.data.is_relative_to(elsewhere if os.getuid() == 0 else closed)
    finally:
        shutil.rmtree(elsewhere, ignore_errors=True)
