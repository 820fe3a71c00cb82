"""Workers share the partitions of their consumer, and take over from those that are gone."""

import signal
import threading
import time
from collections import Counter
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from streaming.contracts.log import LogUnavailable
from streaming.contracts.records import TopicPartition
from streaming.runtime.leases import Lease, share
from streaming.runtime.timing import Timing
from tests.conftest import Database
from tests.streaming.runtime.conftest import TOPIC, Pipeline
from tests.streaming.runtime.counting import QUICK, Counting
from tests.waiting import eventually

HELD = "SELECT worker::text, count(*) FROM consumer_lease WHERE worker IS NOT NULL GROUP BY 1"


def held(pipeline: Pipeline) -> Counter[str]:
    return Counter(dict(pipeline.rows(HELD)))


def slow() -> Timing:
    """As QUICK, but only the end of the lease frees what a frozen worker holds."""
    return Timing(**{name: getattr(QUICK, name) for name in QUICK.__slots__} | {"lease": 2.0})


@pytest.mark.parametrize("workers", [1, 2, 3, 7])
def test_shares_are_fair_and_what_is_held_stays(workers: int):
    ids = [uuid4() for _ in range(workers)]
    places = [TopicPartition("t", number) for number in range(20)]
    holders: dict[TopicPartition, UUID | None] = dict.fromkeys(places, ids[0])
    for _ in range(workers + 1):
        for me in ids:
            leases = [
                Lease(at, holder == me, holder is None or holder == me) for at, holder in holders.items()
            ]
            wanted = share(leases, ids, me)
            assert {at for at in wanted if holders[at] == me} == {
                at for at in places if holders[at] == me
            } or len(wanted) in (20 // workers, 20 // workers + 1)
            for at, holder in holders.items():
                if at in wanted:
                    holders[at] = me
                elif holder == me:
                    holders[at] = None
    sizes = Counter(holders.values())
    assert None not in sizes
    assert max(sizes.values()) - min(sizes.values()) <= 1


def test_who_is_not_among_the_living_holds_nothing():
    assert share([Lease(TopicPartition("t", 0), True, True)], [uuid4()], uuid4()) == frozenset()


def test_workers_that_come_and_go_skip_and_double_nothing(pipeline: Pipeline):
    pipeline.topic(partitions=7)
    values = [str(number) for number in range(2000)]
    first = pipeline.start()
    for start in range(0, 1000, 100):
        pipeline.append(values[start : start + 100])
    second = pipeline.start()
    third = pipeline.start()
    eventually(lambda: sorted(held(pipeline).values()) == [2, 3, 3], "fair shares of 8 partitions")
    for start in range(1000, 2000, 100):
        pipeline.append(values[start : start + 100])
        if start == 1300:
            first.stop()
        if start == 1600:
            third.stop()
    eventually(lambda: list(held(pipeline).values()) == [8], "one worker that holds all")
    pipeline.wait_for_effects(values)
    assert (first.error, second.error, third.error) == (None, None, None)
    assert pipeline.published() == sorted(values)


def test_a_killed_worker_is_replaced_before_its_lease_ends(pipeline: Pipeline):
    pipeline.topic()
    pipeline.append(["a"])
    process = pipeline.process("lease=600")
    pipeline.wait_for_effects(["a"])
    process.kill()
    process.communicate()
    pipeline.append(["b"])
    pipeline.start()
    pipeline.wait_for_effects(["a", "b"])


@pytest.mark.fault
@pytest.mark.parametrize(
    "frozen_at", ["consumer.after_effects", "consumer.before_commit", "consumer.after_commit"]
)
def test_a_frozen_worker_is_replaced_and_fenced(pipeline: Pipeline, frozen_at: str):
    pipeline.topic()
    values = [str(number) for number in range(200)]
    pipeline.append(values)
    process = pipeline.process("lease=2", failpoints=f"{frozen_at}=stop@2")
    try:
        eventually(lambda: "T" in state_of(process.pid), "the freeze")
        pipeline.start(timing=slow())
        pipeline.wait_for_effects(values)
        process.send_signal(signal.SIGCONT)
        pipeline.append(["later"])
        pipeline.wait_for_effects([*values, "later"])
        eventually(lambda: len(held(pipeline)) == 2, "the thawed worker has its share again")
    finally:
        process.send_signal(signal.SIGCONT)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert pipeline.effects() == sorted([*values, "later"])
    assert pipeline.published() == sorted([*values, "later"])


def state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_the_epoch_refuses_a_zombie_whose_session_nobody_ended(pipeline: Pipeline):
    pipeline.topic(partitions=1)
    zombie = Counting()
    zombie.seconds_per_batch = 1.0
    pipeline.append(["a"])
    pipeline.start(zombie)
    eventually(lambda: zombie.seen[b"a"] == 1, "the batch")
    with pipeline.database.connect(autocommit=True) as connection:
        connection.execute("UPDATE consumer_position SET epoch = epoch + 1")
    eventually(lambda: zombie.seen[b"a"] >= 2, "the second try")
    pipeline.wait_for_effects(["a"])
    assert pipeline.published() == ["a"]


class SlowForLong(Counting):
    """Takes two seconds for `long`."""

    def process(self, batch):
        super().process(batch)
        if any(record.value == b"long" for record in batch.records):
            batch.connection.execute("SELECT pg_sleep(2)")


@pytest.mark.fault
def test_a_batch_longer_than_its_limit_does_not_pass_from_worker_to_worker(pipeline: Pipeline):
    pipeline.topic(partitions=5)
    timing = Timing(
        **{name: getattr(QUICK, name) for name in QUICK.__slots__} | {"batch_limit": 0.5, "lease": 0.5}
    )
    consumers = [SlowForLong(), SlowForLong()]
    for consumer in consumers:
        pipeline.start(consumer, timing=timing, on_stuck=lambda: None)
    eventually(lambda: sorted(held(pipeline).values()) == [3, 3], "both share, one of them the retries too")
    quick = [str(number) for number in range(40)]
    pipeline.append(quick)
    pipeline.wait_for_effects(quick)
    assert all(consumer.seen for consumer in consumers)
    pipeline.append(["long"])
    pipeline.wait_for_effects([*quick, "long"])
    assert sum(consumer.seen[b"long"] for consumer in consumers) > 1
    assert pipeline.published() == sorted([*quick, "long"])


def test_a_batch_that_does_not_end_is_reported(pipeline: Pipeline):
    pipeline.topic(partitions=1)
    stuck = []
    timing = Timing(
        **{name: getattr(QUICK, name) for name in QUICK.__slots__} | {"batch_limit": 0.3, "lease": 0.3}
    )
    consumer = Counting()
    consumer.seconds_per_batch = 2.0
    pipeline.append(["long"])
    pipeline.start(consumer, timing=timing, on_stuck=lambda: stuck.append(time.monotonic()))
    eventually(lambda: stuck != [], "the report")
    assert pipeline.rows("SELECT state FROM consumer_worker") == [("stuck",)]


def test_a_preparation_that_does_not_end_is_reported(pipeline: Pipeline):
    class Hanging(Counting):
        def prepare(self, records):
            is_over.wait(30)
            return super().prepare(records)

    is_over = threading.Event()
    pipeline.topic(partitions=1)
    stuck = []
    timing = Timing(
        **{name: getattr(QUICK, name) for name in QUICK.__slots__} | {"batch_limit": 0.3, "lease": 0.3}
    )
    pipeline.append(["a"])
    pipeline.start(Hanging(), timing=timing, on_stuck=lambda: stuck.append(time.monotonic()))
    try:
        eventually(lambda: stuck != [], "the report")
        assert pipeline.rows("SELECT state FROM consumer_worker") == [("stuck",)]
    finally:
        is_over.set()
    pipeline.wait_for_effects(["a"])


@pytest.mark.fault
def test_terminated_sessions_cost_nothing_but_time(pipeline: Pipeline):
    pipeline.topic()
    values = [str(number) for number in range(1500)]
    running = pipeline.start(Counting(max_records=20))
    for start in range(0, 1500, 100):
        pipeline.append(values[start : start + 100])
        pipeline.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name LIKE 'headwater counting%%' OR application_name = 'headwater log reader'"
        )
    pipeline.wait_for_effects(values, 60)
    assert running.error is None
    assert pipeline.published() == sorted(values)
    assert pipeline.dead_letters() == []


def test_a_database_that_takes_no_connections_is_waited_for(pipeline: Pipeline):
    pipeline.topic()
    pipeline.append(["a"])
    running = pipeline.start()
    pipeline.wait_for_effects(["a"])
    with Database("postgres").connect(autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {pipeline.database.name} ALLOW_CONNECTIONS false")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            [pipeline.database.name],
        )
        started = time.monotonic()
        eventually(lambda: time.monotonic() - started > 1, "an outage that every thread has met")
        connection.execute(f"ALTER DATABASE {pipeline.database.name} ALLOW_CONNECTIONS true")
    eventually(lambda: is_appended(pipeline, "b"), "the log")
    pipeline.wait_for_effects(["a", "b"])
    assert running.error is None
    assert pipeline.dead_letters() == []


def is_appended(pipeline: Pipeline, value: str) -> bool:
    try:
        pipeline.append([value])
    except LogUnavailable:  # on a session that the server ended: nothing was appended
        return False
    return True


@pytest.mark.kafka
def test_workers_share_the_partitions_of_kafka_alike(kafka: Pipeline):
    kafka.topic(partitions=5)
    values = [str(number) for number in range(600)]
    first = kafka.start()
    kafka.append(values[:300])
    kafka.start()
    eventually(lambda: sorted(held(kafka).values()) == [3, 3], "fair shares")
    kafka.append(values[300:])
    first.stop()
    kafka.wait_for_effects(values)
    eventually(lambda: len(kafka.published()) >= 600, "what was published")
    assert kafka.positions().keys() >= {TopicPartition(TOPIC, number) for number in range(5)}
