"""`manage.py run_consumers`, as an operator runs it; the consumers are brought by an installed distribution."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from streaming.contracts.records import NewRecord, TopicSpec
from streaming.postgres.log import PostgresLog
from tests.conftest import ROOT, Database
from tests.faults.databases import proxied_url
from tests.faults.proxy import Proxy, Toxic
from tests.waiting import eventually

_MODULE = """
import os
from pathlib import Path

from streaming.runtime.consumer import Consumer
from streaming.runtime.stopping import ConsumerStopped


class Storing(Consumer):
    name = "storing"
    topics = ("words",)

    def process(self, batch):
        rows = [(record.value.decode(),) for record in batch.records]
        batch.connection.cursor().executemany("INSERT INTO word VALUES (%s)", rows)


class Crashing(Storing):
    name = "crashing"

    def process(self, batch):
        marker = Path(os.environ["MARKER"])
        if not marker.exists():
            marker.touch()
            os._exit(9)
        super().process(batch)


class Stopping(Storing):
    name = "stopping"

    def process(self, batch):
        raise ConsumerStopped("the consumer 'stopping' stopped: a rule of this test says so")
"""
_ENTRY_POINTS = """
[headwater.consumers]
storing = brought:Storing
crashing = brought:Crashing
stopping = brought:Stopping
"""


class Operator:
    """Runs the command on a database whose log holds three words."""

    def __init__(self, database: Database, path: Path) -> None:
        self.database = database
        python_path = os.pathsep.join([str(path), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.environment = {
            **database.environment,
            "PYTHONPATH": python_path,
            "MARKER": str(path / "crashed"),
        }
        self._errors = path / "errors.log"
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        with self._errors.open("ab") as errors:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "run_consumers", *arguments],
                cwd=ROOT, env=self.environment, stderr=errors,
            )  # fmt: skip
        self._started.append(process)
        return process

    def run(self, *arguments: str) -> tuple[int, str]:
        return self.start(*arguments).wait(120), self.errors()

    def errors(self) -> str:
        """What the processes wrote."""
        return self._errors.read_text(errors="replace")

    def words(self) -> list[str]:
        return sorted(word for (word,) in self.rows("SELECT word FROM word"))

    def rows(self, query: str) -> list[tuple]:
        with self.database.connect(autocommit=True) as connection:
            return connection.execute(query).fetchall()

    def close(self) -> None:
        for process in self._started:
            process.kill()
            process.wait(30)


@pytest.fixture
def operator(fresh_database: Database, tmp_path: Path) -> Iterator[Operator]:
    (tmp_path / "brought.py").write_text(_MODULE)
    info = tmp_path / "brought-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: brought\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(_ENTRY_POINTS)
    with fresh_database.connect() as connection:
        connection.execute("CREATE TABLE word (word text)")
    log = PostgresLog(fresh_database.conninfo)
    log.create_topics([TopicSpec("words", 2)])
    log.append([NewRecord("words", word, word) for word in (b"a", b"b", b"c")])
    log.close()
    operator = Operator(fresh_database, tmp_path)
    yield operator
    operator.close()


def test_an_unknown_name_is_refused_with_those_that_exist(operator: Operator):
    code, errors = operator.run("nobody")
    assert code != 0
    assert "there is no consumer 'nobody'" in errors
    assert "rejections" in errors
    assert "storing" in errors


def test_one_consumer_runs_here_until_it_has_caught_up(operator: Operator):
    code, errors = operator.run("storing", "--until-caught-up")
    assert code == 0, errors
    assert operator.words() == ["a", "b", "c"]


def test_one_that_stops_by_rule_makes_the_command_fail_with_its_message(operator: Operator):
    code, errors = operator.run("stopping")
    assert code == 1
    assert "a rule of this test says so" in errors.splitlines()[-1]


def test_a_crashed_process_is_started_again(operator: Operator):
    code, errors = operator.run("crashing", "storing", "--until-caught-up")
    assert code == 0, errors
    assert operator.words() == ["a", "a", "b", "b", "c", "c"]
    assert "started again" in errors


def test_several_end_with_the_one_that_stops_by_rule_when_all_should_catch_up(operator: Operator):
    code, errors = operator.run("stopping", "storing", "--until-caught-up")
    assert code == 1
    assert "a rule of this test says so" in errors
    assert "stopped by rule: stopping" in errors
    assert operator.rows("SELECT state FROM consumer_worker WHERE consumer = 'stopping'") == [("stopped",)]


RUNNING = "SELECT consumer, pid FROM consumer_worker WHERE state = 'running'"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_processes_end_with_their_parent(operator: Operator, number: signal.Signals):
    process = operator.start("storing", "rejections")
    eventually(lambda: {name for name, _ in operator.rows(RUNNING)} == {"storing", "rejections"}, "both run")
    pids = [pid for _, pid in operator.rows(RUNNING)]
    assert process.pid not in pids
    process.send_signal(number)
    assert process.wait(60) == (0 if number is signal.SIGTERM else -number)
    eventually(lambda: operator.rows("SELECT * FROM consumer_worker") == [], "the goodbye of both")


def test_the_processes_end_with_their_parent_also_while_they_wait_for_the_database(
    operator: Operator, fresh_database: Database
):
    port = psycopg.conninfo.conninfo_to_dict(fresh_database.conninfo)["port"]
    children: list[psutil.Process] = []
    with Proxy(int(str(port))) as proxy:
        proxy.be(Toxic(down=True))
        operator.environment["DATABASE_URL"] = proxied_url(fresh_database.conninfo, proxy.port)
        process = operator.start("storing", "rejections")
        try:
            eventually(lambda: waiting(operator.errors()) == {"storing", "rejections"}, "both wait")
            children += psutil.Process(process.pid).children()
            assert [lives(child) for child in children] == [True, True]
            process.kill()
            eventually(lambda: not any(map(lives, children)), "the end of both")
        finally:
            for child in filter(lives, children):
                child.kill()


def waiting(errors: str) -> set[str]:
    """The consumers that said so."""
    said = [line for line in errors.splitlines() if "a worker waits" in line]
    return {name for name in ("storing", "rejections") if any(name in line for line in said)}


def lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False
