"""A partition whose next message is not to be processed now waits by itself; a hot key takes its fair part only."""

import threading
from datetime import UTC, datetime
from functools import partial
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from streaming.contracts.records import NewRecord, Record, TopicPartition
from streaming.runtime.parking import Parking
from streaming.runtime.piece import Piece, ends_of, place_of
from streaming.runtime.timing import Timing
from tests.streaming.runtime.conftest import TOPIC, Pipeline
from tests.streaming.runtime.counting import Counting, misbehave
from tests.waiting import eventually

NOW = datetime(2026, 1, 1, tzinfo=UTC)
P0, P1, P2 = (TopicPartition(TOPIC, number) for number in range(3))


class Moody(Counting):
    """Misbehaves until it is told to stop."""

    def __init__(self, **settings) -> None:
        super().__init__(fail=self._fail, **settings)
        self.is_over = threading.Event()

    def _fail(self, record: Record) -> None:
        if not self.is_over.is_set():
            misbehave(record)


def _is_there(pipeline: Pipeline, place: TopicPartition, value: str) -> bool:
    return value in offsets(pipeline, place)


def _was_tried_since(consumer: Moody, tries: int) -> bool:
    return consumer.seen[b"later"] > tries


def offsets(pipeline: Pipeline, place: TopicPartition) -> list[str]:
    rows = pipeline.rows("SELECT value FROM effect WHERE topic = %s AND partition = %s ORDER BY ctid", *place)
    return [value for (value,) in rows]


def test_a_partition_that_is_rejected_for_ever_holds_nobody_elses(pipeline: Pipeline):
    pipeline.topic(partitions=3)
    pipeline.append(["0a", "later", "0b"], partition=0)
    pipeline.append(["1a", "1b"], partition=1)
    consumer = Moody()
    pipeline.start(consumer)
    eventually(lambda: offsets(pipeline, P1) == ["1a", "1b"], "the neighbour")
    for number in range(5):
        tries, value = consumer.seen[b"later"], f"2-{number}"
        pipeline.append([value], partition=2)
        eventually(partial(_is_there, pipeline, P2, value), "a neighbour that comes later")
        eventually(partial(_was_tried_since, consumer, tries), "another try")
    pipeline.append(["0c"], partition=0)
    assert offsets(pipeline, P0) == []
    assert pipeline.positions()[P0] == 0
    states = "SELECT state, detail FROM consumer_worker"
    waiting = ("waiting", f"{TOPIC}/0 waits, the others go on: MessageRejected: not now")
    eventually(lambda: pipeline.rows(states) == [waiting], "the state")
    consumer.is_over.set()
    eventually(lambda: offsets(pipeline, P0) == ["0a", "later", "0b", "0c"], "the partition, in its order")
    assert pipeline.dead_letters() == []
    assert consumer.seen[b"1a"] <= 2, "with the first batch, and by itself"
    eventually(lambda: pipeline.rows(states)[0] == ("running", ""), "that all is well again")


def test_every_partition_may_wait_at_once(pipeline: Pipeline):
    pipeline.topic(partitions=2)
    pipeline.append(["later 0"], partition=0)
    pipeline.append(["later 1"], partition=1)
    consumer = Moody()
    pipeline.start(consumer)
    eventually(lambda: min(consumer.seen[b"later 0"], consumer.seen[b"later 1"]) >= 3, "tries of both")
    consumer.is_over.set()
    pipeline.wait_for_effects(["later 0", "later 1"])


def test_a_poisonous_neighbour_is_found_beside_a_partition_that_waits(pipeline: Pipeline):
    pipeline.topic(partitions=3)
    pipeline.append(["later"], partition=0)
    pipeline.append(["poison"], partition=1)
    pipeline.append(["good"], partition=2)
    consumer = Moody()
    pipeline.start(consumer)
    eventually(lambda: [value for value, _ in pipeline.dead_letters()] == ["poison"], "the dead letter")
    eventually(lambda: pipeline.effects() == ["good"], "the good one")
    consumer.is_over.set()
    pipeline.wait_for_effects(["good", "later"])
    assert len(pipeline.dead_letters()) == 1


def test_neighbours_of_a_hot_key_come_in_log_order_and_batches_stay_bounded(pipeline: Pipeline):
    hot, most = 20_000, 500
    sizes: list[int] = []

    class Measuring(Counting):
        def process(self, batch):
            sizes.append(len(batch.records))
            super().process(batch)

    pipeline.topic(partitions=1)
    records = [NewRecord(TOPIC, b"hot", str(number).encode()) for number in range(hot)]
    pipeline.log.append([*records, NewRecord(TOPIC, b"neighbour", b"neighbour")])
    pipeline.start(Measuring(max_records=most, output=None, publishes=()))
    eventually(lambda: pipeline.positions().get(P0) == hot + 1, "the end", 60)
    assert max(sizes) <= most
    assert sum(sizes) == hot + 1, "nothing was done twice because of the hot key"
    assert len(sizes) <= 2 * ceil(hot / most), "the neighbour waited for its place in the log, and no longer"


def test_a_hot_partition_does_not_starve_another_one_of_its_worker(pipeline: Pipeline):
    """The neighbour comes after a bounded number of the hot records, long before the last of them."""
    hot, most = 20_000, 500
    pipeline.topic(partitions=2)
    pipeline.log.append([NewRecord(TOPIC, b"hot", b"h", (), 0) for _ in range(hot)])
    done: list[int] = []  # hot records before each of the neighbour's

    class Watching(Counting):
        seen_hot = 0
        sent = False

        def process(self, batch):
            self.seen_hot += sum(record.partition == 0 for record in batch.records)
            done.extend(self.seen_hot for record in batch.records if record.partition == 1)
            if self.seen_hot > most and not self.sent:
                self.sent = True
                pipeline.log.append([NewRecord(TOPIC, b"n", b"n", (), 1)])
            super().process(batch)

    pipeline.start(Watching(max_records=most, output=None, publishes=()))
    eventually(lambda: len(done) == 1, "the neighbour", 60)
    assert done[0] < hot / 2


records = st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=30)


def piece_of(shape: list[tuple[int, bool]]) -> Piece:
    made = [Record(TOPIC, place, number, None, None, (), NOW) for number, (place, _) in enumerate(shape)]
    piece = Piece(made, ends_of(made))
    for record, (_, refused) in zip(made, shape, strict=True):
        if refused:
            piece.refuse(record, "bad")
    return piece


@given(records)
def test_the_pieces_of_each_partition_are_the_whole(shape):
    piece = piece_of(shape)
    parts = piece.by_partition()
    assert all(len(part.ends) == 1 for part in parts)
    assert {place: end for part in parts for place, end in part.ends.items()} == piece.ends
    assert sorted(map(place_of, (r for part in parts for r in part.records))) == sorted(
        map(place_of, piece.records)
    )
    assert {place: why for part in parts for place, why in part.refused.items()} == piece.refused


@given(records, st.sets(st.integers(0, 2)))
def test_a_piece_without_some_partitions_keeps_the_others_as_they_are(shape, numbers):
    piece, gone = piece_of(shape), {TopicPartition(TOPIC, number) for number in numbers}
    rest = piece.without(gone)
    left = [record for record in piece.records if record.topic_partition not in gone]
    assert (list(rest.records) if rest else []) == left
    assert (rest.ends if rest else {}) == {
        place: end for place, end in piece.ends.items() if place not in gone
    }


def test_pauses_grow_until_the_partition_gets_ahead():
    timing, parking = Timing(first_pause=0.0, longest_pause=0.0), Parking()
    parking.park(P0, "not now", timing)
    assert parking.open_among({P0: 1, P1: 2}) == {P1: 2}
    assert parking.release()
    assert parking.why == f"{TOPIC}/0 waits, the others go on: not now", "until it is known to be over"
    patient = Timing(first_pause=10.0, longest_pause=100.0)
    parking.park(P0, "not now", patient)
    parking.park(P1, "neither", patient)
    assert not parking.release()
    assert "and 1 more" in parking.why
    parking.forget([P1])
    parking.got_ahead([P0])
    assert parking.why == f"{TOPIC}/0 waits, the others go on: not now"
    parking.forget([P0])
    assert (parking.why, parking.seconds_left) == ("", float("inf"))
