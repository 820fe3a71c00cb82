"""Publishing on Kafka: through lanes, once, in order; readers drop repetitions and stop at gaps."""

import signal

import pytest
from django.core.management import call_command

from streaming import registry
from streaming.contracts.records import NewRecord, TopicPartition, TopicSpec
from streaming.runtime import failpoints
from streaming.runtime.outbox.marks import LANE_HEADER
from streaming.runtime.stopping import ConsumerStopped
from tests.streaming.contract.subject import Subject
from tests.streaming.runtime.conftest import TOPIC, Pipeline
from tests.streaming.runtime.counting import OUTPUT, Counting
from tests.waiting import eventually

pytestmark = pytest.mark.kafka


@pytest.fixture(autouse=True)
def topics(kafka: Pipeline) -> None:
    kafka.log.create_topics([TopicSpec(TOPIC, 2), TopicSpec(OUTPUT, 2)])


def reader(**settings: object) -> Counting:
    """A consumer of what `Counting` publishes."""
    return Counting(name="reader", topics=(OUTPUT,), output=None, publishes=(), **settings)


def derived(pipeline: Pipeline) -> list[str]:
    return sorted(value for (value,) in pipeline.rows("SELECT value FROM effect WHERE topic = %s", OUTPUT))


def lanes_in_log(pipeline: Pipeline) -> list[tuple[bytes, ...]]:
    records = Subject(pipeline.log).read_topic(OUTPUT)
    return [tuple(dict(record.headers)[LANE_HEADER].split()) for record in records]


def lane_record(number: int, predecessor: int, value: str, lane: int = 77) -> NewRecord:
    header = (LANE_HEADER, b"1 %d %d %d" % (lane, number, predecessor))
    return NewRecord(OUTPUT, b"k", value.encode(), (header,), 0)


def test_what_is_published_arrives_once_in_order_and_leaves_the_outbox(kafka: Pipeline):
    values = [str(number) for number in range(300)]
    kafka.append(values)
    kafka.start()
    kafka.start(reader())
    eventually(lambda: len(derived(kafka)) == 300, "the derived effects")
    assert derived(kafka) == sorted(values)
    assert kafka.rows("SELECT count(*) FROM outbox_record") == [(0,)]
    numbers: dict[tuple[bytes, int], list[int]] = {}
    for record in Subject(kafka.log).read_topic(OUTPUT):
        _, lane, number, predecessor = dict(record.headers)[LANE_HEADER].split()
        before = numbers.setdefault((lane, record.partition), [0])
        assert int(predecessor) == before[-1]
        before.append(int(number))


@pytest.mark.fault
@pytest.mark.parametrize("failpoint", [*failpoints.OUTBOX, "consumer.before_commit", "consumer.after_commit"])
def test_a_kill_loses_and_doubles_nothing(kafka: Pipeline, failpoint: str):
    values = [str(number) for number in range(200)]
    kafka.append(values)
    process = kafka.process(failpoints=f"{failpoint}=kill@2")
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    kafka.start()
    kafka.start(reader())
    eventually(lambda: len(derived(kafka)) >= 200, "the derived effects")
    eventually(lambda: kafka.rows("SELECT count(*) FROM outbox_record") == [(0,)], "the empty outbox")
    kafka.close()
    assert derived(kafka) == sorted(values)
    assert sorted(
        value for (value,) in kafka.rows("SELECT value FROM effect WHERE topic = %s", TOPIC)
    ) == sorted(values)
    if failpoint == "outbox.after_send":
        assert len(lanes_in_log(kafka)) > len(set(lanes_in_log(kafka)))  # it was sent twice indeed


def test_repetitions_are_dropped_across_restarts_of_the_reader(kafka: Pipeline):
    kafka.log.append([lane_record(1, 0, "a"), lane_record(4, 1, "b"), lane_record(1, 0, "a")])
    running = kafka.start(reader())
    eventually(lambda: derived(kafka) == ["a", "b"], "the first effects")
    eventually(
        lambda: kafka.positions("reader").get(TopicPartition(OUTPUT, 0)) == 3, "the position behind them"
    )
    running.stop()
    kafka.log.append(
        [lane_record(4, 1, "b"), lane_record(6, 4, "c"), lane_record(1, 0, "other lane", lane=78)]
    )
    kafka.start(reader())
    eventually(lambda: len(derived(kafka)) == 4, "the later effects")
    assert derived(kafka) == ["a", "b", "c", "other lane"]


def test_a_gap_stops_the_reader_until_somebody_accepts_it(
    kafka: Pipeline, monkeypatch: pytest.MonkeyPatch, settings
):
    kafka.log.append(
        [lane_record(1, 0, "a"), lane_record(5, 3, "c"), lane_record(1, 0, "a"), lane_record(8, 5, "d")]
    )
    running = kafka.start(reader())
    running.join()
    assert isinstance(running.error, ConsumerStopped)
    assert "follows number 3" in str(running.error)
    assert "--accept-gaps" in str(running.error)
    assert derived(kafka) == ["a"]
    settings.EVENT_LOG = kafka.address
    monkeypatch.setattr(registry, "_consumers", {"reader": reader})
    call_command("consumer_reset", "reader", "--topic", OUTPUT, "--accept-gaps")
    kafka.start(reader())
    eventually(lambda: len(derived(kafka)) == 3, "what stands behind the gap")
    assert derived(kafka) == ["a", "c", "d"]


def test_a_lane_that_begins_in_the_middle_is_a_gap_only_for_who_read_from_the_start(kafka: Pipeline):
    kafka.log.append([NewRecord(OUTPUT, b"k", b"raw", (), 0), lane_record(9, 7, "late")])
    running = kafka.start(reader())
    running.join()
    assert isinstance(running.error, ConsumerStopped)
    kafka.log.delete_before({TopicPartition(OUTPUT, 0): 1})
    newcomer = reader()
    newcomer.name = "newcomer"
    kafka.start(newcomer)
    eventually(lambda: "late" in derived(kafka), "the effect for the newcomer")


def test_records_published_outside_batches_are_sent_by_some_worker(kafka: Pipeline, settings):
    from django.db import transaction

    from streaming.domain.publishing import publish
    from streaming.event_log import close_event_log

    settings.EVENT_LOG = kafka.address
    try:
        for value in (b"one", b"two"):
            with transaction.atomic():
                publish([NewRecord(OUTPUT, b"k", value)], writer="admin")
    finally:
        close_event_log()
    assert kafka.published() == []
    kafka.start(reader())
    eventually(lambda: len(derived(kafka)) == 2, "the effects")
    assert derived(kafka) == ["one", "two"]
