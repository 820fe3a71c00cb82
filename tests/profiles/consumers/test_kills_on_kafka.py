"""`social` and `behaviour` on a real Kafka: killed in the middle, each event has its effect once."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from streaming.contracts.combined import BEHAVIOUR_TOPIC, SOCIAL_TOPIC
from streaming.contracts.events import encode_event
from streaming.contracts.profiles import EVENTS_TOPIC, event_record
from streaming.contracts.records import NewRecord, TopicSpec
from streaming.kafka.log import KafkaLog
from tests.conftest import ROOT
from tests.profiles.builder.driver import event
from tests.profiles.consumers.driving import ANCHORS, add_anchors, true_now
from tests.streaming.contract.subject import Subject

pytestmark = [pytest.mark.fault, pytest.mark.kafka]

EVENTS = 400
_OURS = ("events.", "profiles.", "social.", "behaviour", "sessions", "rejections", "dead_letters.", "retry.")


@pytest.fixture
def log(kafka_cluster) -> Iterator[KafkaLog]:
    """The cluster's log, empty of Headwater's topics before and after."""
    made = KafkaLog.of_url(kafka_cluster.url)
    _clear(made)
    yield made
    _clear(made)
    made.close()


def _clear(log: KafkaLog) -> None:
    for topic in log.topics():
        if topic.startswith(_OURS):
            log.delete_topic(topic)


def _history() -> Iterator[NewRecord]:
    for number in range(EVENTS):
        name, anchor = ("Post Liked", "Element Clicked")[number % 2], ANCHORS[number // 2 % 2]
        properties = {"network": "x", "post_id": number, "text": f"Photo {number}"}
        happened = event(name=name, minutes=number / 60, properties=properties)
        yield event_record(None, anchor, 1, encode_event(happened))


@pytest.fixture
def run(kafka_cluster, fresh_database, tmp_path) -> Callable[..., int]:
    """Runs a consumer until it has read all, or is killed; returns its exit status."""

    def until_caught_up(name: str, **extra: str) -> int:
        environment = {
            **fresh_database.environment, "EVENT_LOG": kafka_cluster.url, "HEADWATER_HOME": str(tmp_path),
            "PYTHONWARNINGS": "ignore", **extra,
        }  # fmt: skip
        command = [sys.executable, "manage.py", "run_consumers", name, "--until-caught-up"]
        return subprocess.run(command, cwd=ROOT, env=environment, timeout=180, check=False).returncode

    return until_caught_up


@pytest.fixture
def history(log, fresh_database) -> None:
    """Events of two anchors, half of them social."""
    log.create_topics([TopicSpec(EVENTS_TOPIC, 2)])
    with fresh_database.connect() as connection:
        add_anchors(connection)
    log.append(list(_history()))


def test_each_like_counts_once_after_a_kill_before_the_commit(history, run, log, fresh_database):
    assert run("social", HEADWATER_FAILPOINTS="consumer.before_commit=kill") == -signal.SIGKILL
    assert run("social") == 0
    with fresh_database.connect() as connection:
        assert connection.execute("SELECT count(*) FROM profiles_social_item").fetchone() == (EVENTS // 2,)
    assert [value["likes"] for value in _read(log, SOCIAL_TOPIC)] == [EVENTS // 4] * 2


def test_each_click_counts_once_after_a_kill_in_publishing(history, run, log, fresh_database):
    assert run("behaviour", HEADWATER_FAILPOINTS="outbox.after_send=kill") == -signal.SIGKILL
    assert run("behaviour") == 0
    with fresh_database.connect() as connection:
        assert connection.execute("SELECT count(*) FROM outbox_record").fetchone() == (0,)
    assert [value["features"]["clicks"] for value in _read(log, BEHAVIOUR_TOPIC)] == [EVENTS // 4] * 2


def _read(log: KafkaLog, topic: str) -> list[dict]:
    """What a reader holds at the end: repetitions carry the number of their lane, so that it drops them."""
    records = Subject(log).read_topic(topic)
    distinct = {record.headers: record for record in records}
    made = [NewRecord(record.topic, record.key, record.value) for record in distinct.values()]
    return [record["value"] for record in true_now(made).values()]
