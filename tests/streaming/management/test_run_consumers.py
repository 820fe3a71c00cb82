"""`manage.py run_consumers`, as an operator runs it."""

import signal
import subprocess
import sys

from streaming.contracts.records import NewRecord, TopicSpec
from streaming.postgres.log import PostgresLog
from tests.conftest import ROOT, Database
from tests.streaming.contract.subject import eventually


def run(database: Database, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env=database.environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_an_unknown_name_is_refused_with_those_that_exist(fresh_database: Database):
    done = run(fresh_database, "run_consumers", "nobody")
    assert done.returncode != 0
    assert "there is no consumer 'nobody'" in done.stderr
    assert "rejections" in done.stderr


def test_until_caught_up_ends_when_everything_is_applied(fresh_database: Database):
    log = PostgresLog(fresh_database.conninfo)
    log.create_topics([TopicSpec("rejections", 2)])
    log.append([NewRecord("rejections", b"k", b"not a rejection")] * 3)
    done = run(fresh_database, "run_consumers", "rejections", "--until-caught-up")
    assert done.returncode == 0, done.stderr
    with fresh_database.connect() as connection:
        rows = connection.execute("SELECT consumer, topic FROM dead_letter").fetchall()
    assert rows == [("rejections", "rejections")] * 3
    log.close()
    done = run(fresh_database, "run_consumers", "--until-caught-up")
    assert done.returncode == 0, done.stderr


def test_several_consumers_run_as_processes_that_end_together(fresh_database: Database):
    command = [sys.executable, "manage.py", "run_consumers"]
    process = subprocess.Popen(command, cwd=ROOT, env=fresh_database.environment)
    with fresh_database.connect(autocommit=True) as connection:

        def workers() -> set[tuple[str, int]]:
            query = "SELECT consumer, pid FROM consumer_worker WHERE state = 'running'"
            return set(connection.execute(query).fetchall())

        eventually(lambda: "rejections" in {name for name, _ in workers()}, "the consumer runs")
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert workers() == set()
