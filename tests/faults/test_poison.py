"""Messages that cannot be processed: one by one they are put aside whole, all at once they stop the consumer."""

from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from streaming.contracts.log import LogUnavailable
from streaming.contracts.records import NewRecord
from streaming.kafka.log import KafkaLog
from streaming.postgres.log import PostgresLog
from streaming.runtime.discovery import dead_letters_topic
from tests.faults.places import on_both, on_kafka, on_postgres
from tests.faults.poison import POISON
from tests.faults.trial import Trial
from tests.streaming.contract.subject import Subject
from tests.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.timeout(400)]
TOPIC = "events.other"
PROBE = b"probe"
ITS_BROKER = 3
_POISON = sorted(value or b"" for value in POISON.values())
_LETTERS = """SELECT topic, partition, "offset", value, reason FROM dead_letter WHERE consumer = 'profiles' ORDER BY id"""


@on_postgres
@pytest.mark.fault_row(13)
def test_poison_messages_become_dead_letters(trial):
    _poison(trial)


@on_kafka
@pytest.mark.fault_suite
@pytest.mark.fault_row(13)
def test_poison_messages_become_dead_letters_on_kafka(trial):
    _poison(trial)


def _poison(trial: Trial) -> None:
    system = trial.system
    system.web.start()
    system.consume()
    with trial.load() as load:
        load.wait_for(100)
        with trial.fault("poison among the events"), trial.log() as log:
            for value in POISON.values():
                log.append([NewRecord(TOPIC, b"device-1-0", value)])
                load.wait_for(5)
        load.wait_for(50)
    trial.settle(foreign=len(POISON))
    with trial.log() as log:
        records = {
            (each.topic, each.partition, each.offset): each.value for each in Subject(log).read_topic(TOPIC)
        }
    letters = _letters(trial)
    assert [bytes(each[3]) if each[3] is not None else None for each in letters] == list(POISON.values())
    for topic, partition, offset, value, reason in letters:
        assert records[topic, partition, offset] == (None if value is None else bytes(value))
        assert reason


@on_both
@pytest.mark.fault_suite
@pytest.mark.fault_row(14)
def test_a_bad_deploy_is_stopped_and_rolled_back(trial):
    system = trial.system
    system.web.start()
    with trial.load() as load:
        load.wait_for(300)
        with trial.fault("a release that can read nothing"):
            bad = system.consume("profiles", DJANGO_SETTINGS_MODULE="tests.faults.bad_deploy")
            eventually(bad.died, seconds=90)
        assert bad.process.returncode not in (0, None)
        assert "looks like a fault of the program" in system.consumers_log()
        letters = len(_letters(trial))
        assert letters < 100
        system.consume()
        load.wait_for(50)
    system.drain()
    if letters:
        system.manage("dead_letters", "resubmit", "--all-of", "profiles")
    trial.note = f"{letters} dead letters before it stopped, sent back after the roll-back"
    trial.settle()


@on_kafka
@pytest.mark.fault_suite
@pytest.mark.fault_row(15)
def test_the_topic_of_dead_letters_takes_nothing(trial):
    system, topic = trial.system, dead_letters_topic("profiles")
    _create_on_one_broker(trial.place.url, topic)
    system.web.start()
    system.consume()
    with trial.load() as load:
        load.wait_for(100)
        with (
            trial.fault("the topic of dead letters takes nothing"),
            trial.place.brokers.without(ITS_BROKER),
            trial.log() as log,
        ):
            eventually(lambda: _refuses(log, topic), seconds=60)
            for value in POISON.values():
                log.append([NewRecord(TOPIC, b"device-1-0", value)])
            eventually(lambda: len(_letters(trial)) == len(POISON), seconds=90)
            _demand_positions_beyond_letters(trial)
            load.wait_for(50)
        load.wait_for(50)
    trial.settle(foreign=len(POISON))
    with trial.log() as log:
        eventually(lambda: _copies(log, topic) == _POISON, seconds=60)


def _copies(log: KafkaLog | PostgresLog, topic: str) -> list[bytes]:
    """What is in the topic, each letter once however often its copy was sent."""
    records = [each for each in Subject(log).read_topic(topic) if each.key != PROBE]
    return sorted({record.headers: record.value or b"" for record in records}.values())


def _refuses(log: KafkaLog | PostgresLog, topic: str) -> bool:
    """Whether the topic takes nothing."""
    try:
        log.append([NewRecord(topic, PROBE, None)], timeout=3)
    except LogUnavailable:
        return True
    return False


def _letters(trial: Trial) -> list[Any]:
    with trial.system.database.connect() as connection:
        return list(connection.execute(_LETTERS))


def _demand_positions_beyond_letters(trial: Trial) -> None:
    """A letter is stored in the transaction that moves the position: neither is there without the other."""
    with trial.system.database.connect() as connection:
        behind = connection.execute(
            "SELECT count(*) FROM dead_letter d JOIN consumer_position p USING (consumer, topic, partition)"
            ' WHERE p.next_offset <= d."offset"'
        ).fetchone()
    assert behind == (0,)


def _create_on_one_broker(url: str, topic: str) -> None:
    """The topic before anybody else makes it, with a single copy: it takes nothing while that broker is dead."""
    admin = AdminClient({"bootstrap.servers": url.removeprefix("kafka://")})
    admin.list_topics(timeout=30)
    for future in admin.create_topics(
        [NewTopic(topic, num_partitions=1, replica_assignment=[[ITS_BROKER]])], request_timeout=30
    ).values():
        future.result(60)
