"""The real worker, killed between the steps of a batch: each event counts once, on both logs."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from streaming.contracts.combined import SESSIONS_TOPIC
from streaming.contracts.events import encode_event
from streaming.contracts.log import EventLog
from streaming.contracts.profiles import EVENTS_TOPIC, event_record
from streaming.contracts.records import NewRecord, TopicSpec
from streaming.kafka.log import KafkaLog
from streaming.postgres.log import PostgresLog
from tests.conftest import ROOT
from tests.profiles.builder.driver import event
from tests.profiles.consumers.driving import ANCHORS, add_anchors, true_now
from tests.streaming.contract.subject import Subject

pytestmark = pytest.mark.fault

EVENTS = 600
_STORED = "SELECT count(*), sum(events), min(events), max(events) FROM profiles_session"


def history() -> list[NewRecord]:
    """Two visitors with two visits each, in turns."""
    found = []
    for number in range(EVENTS):
        minutes = number / 60 + (120 if number >= EVENTS // 2 else 0)
        happened = event(minutes=minutes, message_id=f"m{number}")
        found.append(event_record(None, ANCHORS[number % 2], 1, encode_event(happened)))
    return found


def run(environment: dict[str, str], **extra: str) -> int:
    return subprocess.run(
        [sys.executable, "manage.py", "run_consumers", "sessions", "--until-caught-up"],
        cwd=ROOT, env={**os.environ, **environment, **extra}, timeout=180, check=False, capture_output=True,
    ).returncode  # fmt: skip


def prove(log: EventLog, database, environment: dict[str, str], step: str) -> None:
    """Fill the log, have the worker killed at the step, then let another one finish."""
    log.create_topics([TopicSpec(EVENTS_TOPIC, 2)])
    with database.connect() as connection:
        add_anchors(connection)
    records = history()
    for begin in range(0, EVENTS, 100):
        log.append(records[begin : begin + 100])
    assert run(environment, HEADWATER_FAILPOINTS=step) == -signal.SIGKILL
    assert run(environment) == 0
    with database.connect() as connection:
        each = EVENTS // 4
        assert connection.execute(_STORED).fetchone() == (4, EVENTS, each, each)
    read = Subject(log).read_topic(SESSIONS_TOPIC)
    distinct = {(record.headers or record.offset, record.partition): record for record in read}
    told = true_now(NewRecord(record.topic, record.key, record.value) for record in distinct.values())
    assert [record["value"]["state"] for record in told.values()] == ["open"] * 4


@pytest.mark.parametrize(
    "step", ["consumer.after_effects=kill", "consumer.before_commit=kill", "consumer.after_commit=kill"]
)
def test_after_a_kill_every_event_counts_once(step, fresh_database, tmp_path):
    log = PostgresLog(fresh_database.conninfo)
    environment = {**fresh_database.environment, "HEADWATER_HOME": str(tmp_path), "PYTHONWARNINGS": "ignore"}
    prove(log, fresh_database, environment, step)
    log.close()


@pytest.fixture
def kafka(kafka_cluster) -> Iterator[KafkaLog]:
    """The cluster's log, without our topics before and after."""
    made = KafkaLog.of_url(kafka_cluster.url)
    clear(made)
    yield made
    clear(made)
    made.close()


def clear(log: KafkaLog) -> None:
    for topic in log.topics():
        if topic in (EVENTS_TOPIC, SESSIONS_TOPIC):
            log.delete_topic(topic)


@pytest.mark.kafka
def test_on_kafka_after_a_kill_every_event_counts_once(kafka, kafka_cluster, fresh_database, tmp_path):
    environment = {
        **fresh_database.environment, "EVENT_LOG": kafka_cluster.url, "HEADWATER_HOME": str(tmp_path),
        "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    prove(kafka, fresh_database, environment, "consumer.before_commit=kill")
