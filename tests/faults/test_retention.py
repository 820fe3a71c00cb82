"""Retention overtakes a frozen consumer: it stops and says so; what is lost is known, and nothing else is."""

import signal
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from streaming.contracts.records import TopicPartition, TopicSpec
from tests.faults.places import on_both
from tests.faults.trial import Trial
from tests.streaming.contract.subject import Subject
from tests.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.fault_suite, pytest.mark.timeout(400)]
KEPT_S = 5


@on_both
@pytest.mark.fault_row(16)
def test_retention_overtakes_a_frozen_consumer(trial):
    system = trial.system
    system.web.start()
    frozen = system.consume("profiles")
    with trial.load() as load:
        load.wait_for(100)
        eventually(system.applied, seconds=90)
        with trial.fault("frozen while retention goes on"):
            frozen.signal(signal.SIGSTOP)
            load.wait_for(200)
            eventually(lambda: _let_go(trial), seconds=120)
            frozen.signal(signal.SIGCONT)
            eventually(frozen.died, seconds=120)
    assert frozen.process.returncode not in (0, None)
    assert "records were deleted before it read them" in system.consumers_log()
    _keep(trial, 7 * 86400)
    missing = _never_to_be_read(trial)
    assert missing, "the fault was none"
    assert "skipped" in system.manage("consumer_reset", "profiles", "--from-start")
    trial.note = f"retention destroyed {len(missing):,} records; they are exactly those that are lost"
    verdict = trial.settle(lost=len(missing))
    assert verdict.lost == missing


def _let_go(trial: Trial) -> bool:
    """Have the log delete what retention lets go; whether that overtook the consumer."""
    with trial.log() as log:
        if trial.place.brokers:
            _keep(trial, KEPT_S)
        else:
            log.apply_retention(datetime.now(UTC) + timedelta(days=8))
        with trial.system.database.connect() as connection:
            rows = connection.execute(
                "SELECT topic, partition, next_offset FROM consumer_position WHERE consumer = 'profiles'"
            ).fetchall()
        bounds = log.bounds([TopicPartition(topic, partition) for topic, partition, _ in rows])
        return any(
            bounds[TopicPartition(topic, partition)].start > offset for topic, partition, offset in rows
        )


def _keep(trial: Trial, seconds: int) -> None:
    with trial.log() as log:
        for topic, partitions in log.topics().items():
            if topic.startswith("events."):
                log.alter(TopicSpec(topic, partitions, retention_seconds=seconds))


def _never_to_be_read(trial: Trial) -> frozenset[str]:
    """What was acknowledged and is neither applied nor in the log any more."""
    with trial.system.database.connect() as connection:
        stored = {row[0] for row in connection.execute("SELECT message_id FROM profiles_timeline")}
    with trial.log() as log:
        topics = [topic for topic in log.topics() if topic.startswith("events.")]
        there = {
            orjson.loads(record.value or b"")["message_id"]
            for topic in topics
            for record in Subject(log).read_topic(topic)
        }
    ledger = trial.ledger
    return frozenset(ledger.acknowledged.keys() - stored - there - ledger.suppressed())
