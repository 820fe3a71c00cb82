"""kill -9 between any two steps, of any process: every acknowledged event has its effect exactly once afterwards."""

import signal

import orjson
import pytest

from streaming.contracts.profiles import EVENTS_TOPIC
from streaming.kafka.log import KafkaLog
from streaming.runtime import failpoints
from tests.faults.places import on_both, on_kafka, on_postgres
from tests.faults.trial import Trial
from tests.streaming.contract.subject import Subject
from tests.waiting import eventually

pytestmark = [pytest.mark.fault, pytest.mark.timeout(400)]

# The first of each are part of every test run; tests/streaming/runtime kills a worker alone at every step there is.
CONSUMER_STEPS = (
    "consumer.after_effects=kill@2",
    "consumer.before_commit=kill@2",
    "consumer.after_commit=kill@2",
)
REMAINING_STEPS = (
    "consumer.after_read=kill@2", "lease.before_claim=kill", "lease.after_claim=kill", "lease.before_renewal=kill",
)  # fmt: skip
KAFKA_STEPS = ("outbox.after_send=kill@2",)
REMAINING_KAFKA_STEPS = (
    "outbox.before_send=kill@2", "outbox.after_write=kill@2", "outbox.after_delete=kill@2",
    "consumer.after_read=kill@2", "consumer.after_effects=kill@2", "consumer.before_commit=kill@2",
    "consumer.after_commit=kill@2",
)  # fmt: skip
WEB_STEPS = (
    "collector.before_answer", "collector.after_append",
    pytest.param("collector.before_append", marks=pytest.mark.fault_suite),
)  # fmt: skip


def test_the_steps_are_steps_of_the_runtime():
    steps = {
        step.partition("=")[0]
        for step in (*CONSUMER_STEPS, *REMAINING_STEPS, *KAFKA_STEPS, *REMAINING_KAFKA_STEPS)
    }
    assert steps <= {*failpoints.CONSUMER, *failpoints.OUTBOX}


@on_postgres
@pytest.mark.fault_row(7)
@pytest.mark.parametrize("step", CONSUMER_STEPS)
def test_a_consumer_is_killed(trial, step):
    _kill_a_consumer(trial, step)


@on_postgres
@pytest.mark.fault_suite
@pytest.mark.fault_row(7)
@pytest.mark.parametrize("step", REMAINING_STEPS)
def test_a_consumer_is_killed_at_another_step(trial, step):
    _kill_a_consumer(trial, step)


@on_kafka
@pytest.mark.fault_row(7)
@pytest.mark.parametrize("step", KAFKA_STEPS)
def test_a_consumer_is_killed_around_its_outbox(trial, step):
    _kill_a_consumer(trial, step)
    check_published(trial)


@on_kafka
@pytest.mark.fault_suite
@pytest.mark.fault_row(7)
@pytest.mark.parametrize("step", REMAINING_KAFKA_STEPS)
def test_a_consumer_is_killed_on_kafka(trial, step):
    _kill_a_consumer(trial, step)
    check_published(trial)


def _kill_a_consumer(trial: Trial, step: str) -> None:
    system = trial.system
    system.web.start()
    with trial.load() as load:
        load.wait_for(50)
        with trial.fault(f"killed at {step.partition('=')[0]}"):
            consumers = system.consume("profiles", HEADWATER_FAILPOINTS=step)
            eventually(consumers.died, seconds=90)
        assert consumers.process.returncode == -signal.SIGKILL
        load.wait_for(50)
    trial.settle()


@on_postgres
@pytest.mark.fault_row(4)
@pytest.mark.parametrize("step", WEB_STEPS)
def test_the_web_server_is_killed(trial, step):
    system = trial.system
    system.web.start(HEADWATER_FAILPOINTS=f"{step}=kill@20")
    system.consume()
    with trial.load(pause=0.005) as load:
        eventually(system.web.died, seconds=60)
        with trial.fault(f"killed at {step}"):
            system.web.stop()
            system.web.start()
        load.wait_for(50)
    trial.settle()


@on_both
@pytest.mark.fault_suite
@pytest.mark.fault_row(4)
def test_the_web_server_is_killed_again_and_again(trial):
    system = trial.system
    system.web.start()
    system.consume()
    with trial.load(pause=0.005) as load:
        for _ in range(4):
            load.wait_for(60)
            with trial.fault("killed"):
                system.web.kill()
                system.web.start()
        load.wait_for(50)
    trial.settle()


def check_published(trial: Trial) -> None:
    """Each applied event was published; repetitions of a record carry the lane's number, so that readers drop them."""
    with trial.system.database.connect() as connection:
        stored = {row[0] for row in connection.execute("SELECT message_id FROM profiles_timeline")}
        assert connection.execute("SELECT count(*) FROM outbox_record").fetchone() == (0,)
    log = KafkaLog.of_url(trial.place.url)
    records = Subject(log).read_topic(EVENTS_TOPIC)
    log.close()
    distinct = {record.headers: record for record in records}
    ids = [orjson.loads(record.value or b"")["event"]["message_id"] for record in distinct.values()]
    assert sorted(ids) == sorted(stored)
