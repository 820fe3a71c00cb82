"""Sources that hang, each as long as it may, hold up no other source and no import: with the real workers."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from compliance.secrets import seal
from ingestion.enums import ImportState, RunState
from ingestion.models import Connection, ConnectionRun, FileImport, Stream
from tests.conftest import ROOT
from tests.ingestion.imports.conftest import imports, make_file  # noqa: F401 -- fixtures
from tests.ingestion.sources.conftest import IDENTIFY, NOW
from tests.waiting import eventually

HANGING = 6


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that accepts and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        kept: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    kept.append(server.accept()[0])

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        accepting.join(30)
        for each in kept:
            each.close()


@pytest.fixture
def workers(fresh_database, tmp_path) -> Iterator[None]:
    """The worker with one thread, the one for sources, and the scheduler, which has what should run looked for."""
    environment = {
        **fresh_database.environment, "HEADWATER_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "cdp_site.settings",
        "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    celery = [sys.executable, "-m", "celery", "-q", "-A", "cdp_site"]
    worker = [*celery, "worker", "--pool=threads", "--without-gossip", "--without-mingle"]
    begun = [
        subprocess.Popen(command, cwd=ROOT, env=environment)
        for command in (
            [*worker, "--concurrency=1"],
            [*worker, "--queues=sources", "--concurrency=32"],
            [*celery, "beat"],
        )
    ]
    yield
    for process in begun:
        process.kill()
        process.wait(30)


@pytest.mark.fault
@pytest.mark.usefixtures("workers")
def test_sources_that_hang_hold_up_nobody(producer, silent_port, imports, make_file):  # noqa: F811
    hanging = [_hanging(producer, silent_port, number) for number in range(HANGING)]
    producer.crm.fill(1, 3)
    run = producer.start(producer.stream())
    started = imports.start(make_file("user_id\n1\n"))
    FileImport.objects.update(uploaded=True)
    eventually(lambda: _states(hanging), until=lambda found: found == [_HANGS] * HANGING, seconds=120)
    eventually(
        lambda: ConnectionRun.objects.get(pk=run.pk).state,
        until=lambda state: state == RunState.DONE,
        seconds=120,
    )
    eventually(
        lambda: FileImport.objects.get(pk=started.pk).state,
        until=lambda state: state == ImportState.DONE,
        seconds=120,
    )
    assert _states(hanging) == [_HANGS] * HANGING, "they hang still"


_HANGS = (RunState.RUNNING, True, "")


def _states(runs: list[int]) -> list[tuple[str, bool, str]]:
    """Where each stands, whether somebody runs it, and why it does not go on."""
    found = ConnectionRun.objects.filter(pk__in=runs).order_by("pk")
    return [(run.state, run.lease_owner is not None, run.failure) for run in found]


def _hanging(producer, port: int, number: int) -> int:
    settings = {"dialect": "mysql", "host": "127.0.0.1", "port": str(port), "database": "crm", "user": "x"}
    connection = Connection.objects.create(
        name=f"Hanging {number}", kind="sql", source=producer.connection.source, settings=settings, secrets=seal({}),
        created_at=NOW, created_by="test",
    )  # fmt: skip
    stream = Stream.objects.create(
        connection=connection, name="customers", mode="incremental", columns=[], key=["id"], cursor="id",
        mapping=IDENTIFY, created_at=NOW,
    )  # fmt: skip
    run: ConnectionRun = producer.start(stream)
    return run.pk
