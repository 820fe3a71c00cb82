"""What becomes of a batch whose processing raises."""

import threading

import psycopg
import pytest

from streaming.contracts.records import Record, TopicPartition
from streaming.runtime.consumer import MessageRejected
from streaming.runtime.discovery import own_topics, retry_topic
from streaming.runtime.limits import DeadLetterLimit
from streaming.runtime.stopping import ConsumerStopped
from tests.streaming.runtime.conftest import TOPIC, Pipeline
from tests.streaming.runtime.counting import Counting, misbehave
from tests.waiting import eventually

GOOD = [str(number) for number in range(40)]


def with_one(value: str, at: int = 17) -> list[str]:
    return [*GOOD[:at], value, *GOOD[at:]]


@pytest.mark.parametrize("value", ["invalid", "anonymous invalid"])
@pytest.mark.parametrize("at", [0, 17, 40])
def test_an_invalid_message_becomes_a_dead_letter_and_the_others_go_on(
    pipeline: Pipeline, value: str, at: int
):
    pipeline.topic(partitions=1)
    pipeline.append(with_one(value, at))
    consumer = Counting(fail=misbehave)
    pipeline.start(consumer)
    pipeline.wait_for_effects(GOOD)
    eventually(lambda: pipeline.dead_letters() != [], "the dead letter")
    ((message, reason),) = pipeline.dead_letters()
    assert message == value
    assert "invalid" in reason
    assert pipeline.published() == sorted(GOOD)
    assert pipeline.published("dead_letters.counting") == [value]


def test_a_rejected_message_does_not_disturb_its_batch(pipeline: Pipeline):
    class Rejecting(Counting):
        def process(self, batch):
            for record in batch.records:
                if record.value == b"refused":
                    batch.reject(record, "nobody wants it\x00")
            super().process(batch)

    pipeline.topic(partitions=1)
    pipeline.append(with_one("refused"))
    consumer = Rejecting()
    pipeline.start(consumer)
    pipeline.wait_for_effects([*GOOD, "refused"])
    assert pipeline.dead_letters() == [("refused", "nobody wants it\\0")]
    assert set(consumer.seen.values()) == {1}


@pytest.mark.parametrize("at", [0, 17, 40])
def test_a_message_that_fails_alone_is_a_dead_letter_whose_reason_quotes_nothing_of_it(
    pipeline: Pipeline, at: int
):
    pipeline.topic(partitions=1)
    pipeline.append(with_one("poison", at))
    consumer = Counting(fail=misbehave)
    pipeline.start(consumer)
    pipeline.wait_for_effects(GOOD)
    eventually(lambda: pipeline.dead_letters() != [], "the dead letter")
    ((message, reason),) = pipeline.dead_letters()
    assert message == "poison"
    assert "KeyError" in reason
    assert "misbehave" in reason
    assert "secret" not in reason
    assert pipeline.positions()[TopicPartition(TOPIC, 0)] == len(GOOD) + 1


def test_what_prepare_raises_counts_for_the_message(pipeline: Pipeline):
    class Careless(Counting):
        def prepare(self, records):
            for record in records:
                misbehave(record)
            return super().prepare(records)

    pipeline.topic(partitions=1)
    pipeline.append(with_one("poison"))
    pipeline.start(Careless())
    pipeline.wait_for_effects(GOOD)
    eventually(lambda: [value for value, _ in pipeline.dead_letters()] == ["poison"], "the dead letter")


@pytest.mark.parametrize(
    ("error", "values"),
    [
        (psycopg.OperationalError("gone"), GOOD),
        (MessageRejected("not now"), GOOD),
        (KeyError("once"), ["one"]),
    ],
)
def test_a_failed_preparation_is_done_again(pipeline: Pipeline, error: Exception, values: list[str]):
    class FailingOnce(Counting):
        failed = False

        def prepare(self, records):
            if not self.failed:
                self.failed = True
                raise error
            return super().prepare(records)

    pipeline.topic(partitions=1)
    pipeline.append(values)
    pipeline.start(FailingOnce())
    pipeline.wait_for_effects(values)
    assert pipeline.dead_letters() == []


def test_a_batch_that_is_rejected_is_prepared_anew(pipeline: Pipeline):
    """What was prepared may be why: a table that preparing made, and that was dropped since."""
    made: list[str] = []

    class Relying(Counting):
        def prepare(self, records):
            made.append("table")
            return super().prepare(records)

        def process(self, batch):
            if len(made) < 2:
                raise MessageRejected("the table is gone")
            super().process(batch)

    pipeline.topic(partitions=1)
    pipeline.append(["a"])
    pipeline.start(Relying())
    pipeline.wait_for_effects(["a"])


def test_a_failing_message_waits_for_another_to_succeed(pipeline: Pipeline):
    pipeline.topic(partitions=1)
    pipeline.append(["poison"])
    consumer = Counting(fail=misbehave)
    pipeline.start(consumer)
    eventually(lambda: consumer.seen[b"poison"] >= 3, "three tries")
    assert pipeline.dead_letters() == []
    pipeline.append(["good"])
    pipeline.wait_for_effects(["good"])
    assert [value for value, _ in pipeline.dead_letters()] == ["poison"]


def test_a_consumer_that_nothing_succeeds_in_stops_uncommitted(pipeline: Pipeline):
    pipeline.topic(partitions=1)
    pipeline.append([f"poison {number}" for number in range(40)])
    running = pipeline.start(Counting(fail=misbehave))
    running.join()
    assert isinstance(running.error, ConsumerStopped)
    assert "failed 3 times" in str(running.error)
    assert pipeline.dead_letters() == []
    assert pipeline.positions()[TopicPartition(TOPIC, 0)] == 0
    ((state, detail),) = pipeline.rows("SELECT state, detail FROM consumer_worker")
    assert (state, detail) == ("stopped", str(running.error))


def test_a_lone_failing_message_stops_the_consumer_when_no_other_comes(pipeline: Pipeline):
    pipeline.topic(partitions=1)
    pipeline.append(["poison"])
    running = pipeline.start(Counting(fail=misbehave))
    running.join()
    assert isinstance(running.error, ConsumerStopped)
    assert f"{TOPIC}/0/0" in str(running.error)
    assert pipeline.dead_letters() == []


@pytest.mark.parametrize(
    "limit", [DeadLetterLimit(in_a_row=20), DeadLetterLimit(in_a_row=1000, ratio=0.5, at_least=10)]
)
def test_too_many_dead_letters_stop_the_consumer_before_they_are_committed(
    pipeline: Pipeline, limit: DeadLetterLimit
):
    pipeline.topic(partitions=1)
    pipeline.append([*GOOD, *(f"invalid {number}" for number in range(200))])
    running = pipeline.start(Counting(fail=misbehave, dead_letter_limit=limit))
    running.join()
    assert isinstance(running.error, ConsumerStopped)
    assert "dead_letters list --consumer counting" in str(running.error)
    assert pipeline.effects() == sorted(GOOD)
    assert len(pipeline.dead_letters()) < 60


def test_a_restart_does_not_begin_the_count_anew(pipeline: Pipeline):
    pipeline.topic(partitions=1)
    limit = DeadLetterLimit(in_a_row=20)
    for expected in (8, 16, 24):
        pipeline.append([f"invalid {number}" for number in range(8)])
        running = pipeline.start(Counting(fail=misbehave, dead_letter_limit=limit))
        eventually(lambda: bool(running.error) or len(pipeline.dead_letters()) == expected, "dead letters")  # noqa: B023
        running.stop()
    assert isinstance(running.error, ConsumerStopped)
    assert len(pipeline.dead_letters()) < 20


def test_a_restart_does_not_forget_the_ratio(pipeline: Pipeline):
    pipeline.topic(partitions=1)
    limit = DeadLetterLimit(in_a_row=1000, ratio=0.4, window=200, at_least=20)
    for expected in (8, 16, 24):
        pipeline.append([*(f"invalid {number}" for number in range(8)), "good"])
        running = pipeline.start(Counting(fail=misbehave, dead_letter_limit=limit))
        eventually(lambda: bool(running.error) or len(pipeline.dead_letters()) == expected, "dead letters")  # noqa: B023
        running.stop()
    assert isinstance(running.error, ConsumerStopped)
    assert "of the last 27 messages" in str(running.error)
    assert len(pipeline.dead_letters()) == 16


def test_letters_that_are_sent_back_and_refused_again_stop_nobody(pipeline: Pipeline):
    """It was known of them; if they stopped the consumer, it could never get past them."""
    limit = DeadLetterLimit(in_a_row=10, ratio=0.1, at_least=10)
    pipeline.topic(partitions=1)
    pipeline.log.create_topics(own_topics("counting"))
    pipeline.append([f"invalid {number}" for number in range(30)], topic=retry_topic("counting"))
    running = pipeline.start(Counting(fail=misbehave, dead_letter_limit=limit))
    eventually(lambda: running.error is not None or len(pipeline.dead_letters()) == 30, "the letters")
    running.stop()
    assert running.error is None
    pipeline.append(["invalid at last", "good"])
    running = pipeline.start(Counting(fail=misbehave, dead_letter_limit=limit))
    eventually(lambda: running.error is not None or pipeline.effects() == ["good"], "the good one")
    assert running.error is None
    assert len(pipeline.dead_letters()) == 31


def test_letters_of_several_partitions_are_no_run_of_their_sum(pipeline: Pipeline):
    limit = DeadLetterLimit(in_a_row=10, ratio=1.0)
    pipeline.topic(partitions=2)
    for partition in range(2):
        pipeline.append([f"invalid {number}" for number in range(5)], partition=partition)
        pipeline.append(["good"], partition=partition)
    pipeline.start(Counting(fail=misbehave, dead_letter_limit=limit, max_records=6))
    eventually(lambda: len(pipeline.dead_letters()) == 10, "dead letters")
    eventually(lambda: sum(pipeline.positions().values()) == 12, "the end of both")
    pipeline.close()
    pipeline.append(["invalid at last", "good at last"], partition=0)
    running = pipeline.start(Counting(fail=misbehave, dead_letter_limit=limit))
    eventually(lambda: len(pipeline.dead_letters()) == 11, "the letter of the second worker")
    assert running.error is None


def test_not_now_holds_everything_back_until_it_is_over(pipeline: Pipeline):
    pipeline.topic(partitions=1)
    pipeline.append(["a", "later", "b"])
    is_over = threading.Event()

    def fail(record: Record) -> None:
        if not is_over.is_set():
            misbehave(record)

    consumer = Counting(fail=fail)
    pipeline.start(consumer)
    eventually(lambda: consumer.seen[b"later"] >= 5, "tries")
    assert (pipeline.effects(), pipeline.dead_letters()) == ([], [])
    is_over.set()
    pipeline.wait_for_effects(["a", "b", "later"])
    assert pipeline.dead_letters() == []


def test_a_deadlock_halves_the_batch(pipeline: Pipeline):
    sizes: list[int] = []

    class Deadlocking(Counting):
        def process(self, batch):
            sizes.append(len(batch.records))
            if len(batch.records) > 3:
                raise psycopg.errors.DeadlockDetected
            super().process(batch)

    pipeline.topic(partitions=1)
    pipeline.append(GOOD)
    pipeline.start(Deadlocking())
    pipeline.wait_for_effects(GOOD)
    assert pipeline.dead_letters() == []
    assert sizes[:3] == [40, 20, 10] or sizes[0] < 40


@pytest.mark.parametrize("code", ["40001", "57P01", "53100", "25006"])
def test_troubles_of_the_database_make_no_dead_letters(pipeline: Pipeline, code: str):
    left = [3]

    def fail(_record: object) -> None:
        if left[0]:
            left[0] -= 1
            raise psycopg.errors.lookup(code)

    pipeline.topic(partitions=1)
    pipeline.append(GOOD)
    pipeline.start(Counting(fail=fail))
    pipeline.wait_for_effects(GOOD)
    assert pipeline.dead_letters() == []


def test_a_limit_that_a_message_exceeds_is_the_messages_fault(pipeline: Pipeline):
    def fail(record: Record) -> None:
        if record.value == b"long":
            raise psycopg.errors.lookup("54000")

    pipeline.topic(partitions=1)
    pipeline.append(with_one("long"))
    pipeline.start(Counting(fail=fail))
    pipeline.wait_for_effects(GOOD)
    eventually(lambda: pipeline.dead_letters() != [], "the dead letter")
    ((message, reason),) = pipeline.dead_letters()
    assert message == "long"
    assert "ProgramLimitExceeded (SQLSTATE 54000)" in reason


def test_a_worker_that_waits_can_be_stopped(pipeline: Pipeline):
    pipeline.topic(partitions=1)
    pipeline.append(["later"])
    consumer = Counting(fail=misbehave)
    running = pipeline.start(consumer)
    eventually(lambda: consumer.seen[b"later"] >= 2, "tries")
    running.stop()
    assert running.error is None
    assert pipeline.rows("SELECT count(*) FROM consumer_worker") == [(0,)]
