"""kill -9 of the process that runs a job: each letter has its effect once, in order, on each back end."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streaming.contracts.events import WireEvent, encode_event
from streaming.domain.resubmissions import starting
from streaming.domain.resubmissions.starting import Choice
from streaming.event_log import close_event_log
from streaming.models import DeadLetter, Resubmission
from streaming.runtime.failpoints import VARIABLE
from tests.conftest import ROOT, Database
from tests.streaming.contract.subject import Subject, open_log
from tests.waiting import eventually

pytestmark = pytest.mark.fault

NOW = datetime(2026, 11, 24, tzinfo=UTC)
AMOUNT = 400  # two transactions of a job


def event(number: int) -> bytes:
    time = f"2026-11-20T12:00:{number // 10:02}.{number % 10}00000Z"
    made: WireEvent = {
        "v": 1, "message_id": f"m{number}", "type": "track", "event": "Order Completed", "anonymous_id": "a1",
        "user_id": None, "group_id": None, "previous_id": None, "properties": {}, "traits": {}, "context": {},
        "integrations": {}, "original_timestamp": time, "sent_at": None, "received_at": time, "timestamp": time,
        "client_time": time, "source_id": 1,
    }  # fmt: skip
    return encode_event(made)


class Jobs:
    """Processes that run background jobs on a back end, and what became of the letters."""

    def __init__(self, database: Database, home: Path, address: str) -> None:
        self._home = home
        self._environment = {
            **database.environment, "HEADWATER_HOME": str(home), "DJANGO_SETTINGS_MODULE": "cdp_site.settings",
            "EVENT_LOG": address, "TASK_REDELIVERY_S": "2", "PYTHONWARNINGS": "ignore",
        }  # fmt: skip
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self, *command: str, **extra: str) -> subprocess.Popen[bytes]:
        with (self._home / "output.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env={**self._environment, **extra},
                stdout=log,
                stderr=log,
            )
        self._started.append(process)
        return process

    def worker(self, **extra: str) -> subprocess.Popen[bytes]:
        return self.start(
            "-m", "celery", "-q", "-A", "cdp_site", "worker", "--pool=threads", "--concurrency=1", "--without-gossip",
            "--without-mingle", **extra,
        )  # fmt: skip

    def resume(self) -> None:
        """What the schedule does each few seconds."""
        code = (
            "import django; django.setup(); from streaming import tasks; tasks.resume_resubmissions.delay()"
        )
        assert self.start("-c", code).wait(60) == 0

    def stop(self) -> None:
        for process in self._started:
            process.kill()
            process.wait(30)


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str:
    """The settings' log on the back end of the test's parameter."""
    if request.param == "postgres":
        return "postgres://"
    url: str = request.getfixturevalue("kafka_cluster").url
    log = open_log(url)
    for topic in log.topics():
        if topic.startswith(("events.", "profiles.", "dead_letters.", "retry.")):
            log.delete_topic(topic)
    log.close()
    return url


@pytest.fixture
def jobs(fresh_database: Database, tmp_path: Path, address: str, settings) -> Iterator[Jobs]:
    settings.EVENT_LOG = address
    made = Jobs(fresh_database, tmp_path, address)
    yield made
    made.stop()
    close_event_log()


@pytest.mark.parametrize(
    ("address", "step"),
    [
        ("postgres", "resubmission.before_commit=kill@2"),
        pytest.param("kafka", "resubmission.after_commit=kill@1", marks=pytest.mark.kafka),
    ],
    indirect=["address"],
)
def test_each_letter_has_its_effect_once_and_in_order(
    jobs: Jobs, fresh_database: Database, address: str, step: str
):
    DeadLetter.objects.bulk_create(
        DeadLetter(
            consumer="profiles", topic="events.order_completed", partition=0, offset=number, key=b"a1",
            value=event(number), headers=[], reason="a fault that was mended", appended_at=NOW, created_at=NOW,
        )
        for number in reversed(range(AMOUNT))
    )  # fmt: skip
    job = starting.start(Choice("profiles"), rate=None, actor=None, by_name="alice", now=NOW)
    jobs.resume()
    assert jobs.worker(**{VARIABLE: step}).wait(90) == -signal.SIGKILL
    assert DeadLetter.objects.filter(state="queued").count() == 200
    Resubmission.objects.update(lease_until=NOW)  # as time would
    jobs.resume()
    jobs.worker()
    eventually(lambda: Resubmission.objects.get(pk=job).state == "done", "the end of the job", 90)
    consumers = jobs.start("manage.py", "run_consumers", "profiles", "--until-caught-up")
    assert consumers.wait(120) == 0
    with fresh_database.connect() as session:
        stored = session.execute("SELECT message_id, count(*) FROM profiles_timeline GROUP BY 1").fetchall()
    assert sorted(stored) == sorted((f"m{number}", 1) for number in range(AMOUNT))
    log = open_log(fresh_database.conninfo if address == "postgres://" else address)
    try:
        records = Subject(log).read_topic("retry.profiles")
    finally:
        log.close()
    distinct = list({record.headers: record.value for record in records}.values())  # a lane may repeat itself
    assert distinct == [event(number) for number in range(AMOUNT)]
