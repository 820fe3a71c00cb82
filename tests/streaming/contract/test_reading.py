"""Reading: from any offset, many partitions, pauses, waiting, and what lies outside the log."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from streaming.contracts.log import OffsetOutOfRange, UnknownTopic
from streaming.contracts.records import NewRecord, Record, TopicPartition, TopicSpec
from tests.streaming.contract.subject import Subject, numbered, numbers, taken
from tests.waiting import eventually


def test_reading_begins_at_any_offset(subject: Subject):
    topic = subject.topic()
    subject.log.append(numbered(topic, 300))
    for offset in (0, 1, 150, 299, 300):
        records = subject.read({TopicPartition(topic, 0): offset})
        assert [record.offset for record in records] == list(range(offset, 300))


def test_poll_returns_at_most_what_was_asked_for(subject: Subject):
    topic = subject.topic()
    place = TopicPartition(topic, 0)
    subject.log.append(numbered(topic, 100))
    with subject.reading({place: 0}) as reader:
        records: list[Record] = []
        while len(records) < 100:
            batch = reader.poll(7, 5)
            assert len(batch) <= 7
            records += batch
            assert reader.positions() == {place: len(records)}
        assert numbers(records) == list(range(100))


def test_poll_waits_no_longer_than_it_may(subject: Subject):
    with subject.reading({TopicPartition(subject.topic(), 0): 0}) as reader:
        started = time.monotonic()
        assert reader.poll(10, 0.3) == []
        assert 0.2 < time.monotonic() - started < 10


@pytest.mark.parametrize("value", [b"value", b"", None], ids=["value", "empty", "tombstone"])
def test_a_waiting_reader_wakes_up_for_a_record(subject: Subject, value):
    topic = subject.topic()
    with subject.reading({TopicPartition(topic, 0): 0}) as reader:
        reader.poll(10, 0.1)
        appender = threading.Timer(0.2, subject.log.append, [[NewRecord(topic, b"key", value)]])
        appender.start()
        started = time.monotonic()
        assert [record.value for record in reader.poll(10, 30)] == [value]
        assert time.monotonic() - started < 10
        appender.join()


def test_a_hundred_topics_are_read_together(subject: Subject):
    prefix = subject.topic()
    names = [f"{prefix}.{number}" for number in range(110)]
    subject.log.create_topics([TopicSpec(name, 1) for name in names])
    subject.log.append([record for name in names for record in numbered(name, 5)])
    records = subject.read({TopicPartition(name, 0): 0 for name in names})
    by_topic = {name: numbers([r for r in records if r.topic == name]) for name in names}
    assert by_topic == {name: list(range(5)) for name in names}


def test_a_busy_partition_does_not_starve_another(subject: Subject):
    """However much keeps coming, the record of the quiet one is not put off for ever."""
    busy, quiet = subject.topic(), subject.topic()
    subject.log.append(numbered(busy, 3000, size=500))
    subject.log.append(numbered(quiet, 1))
    seen: list[Record] = []
    done = threading.Event()

    def go_on() -> None:
        while not done.is_set():
            subject.log.append(numbered(busy, 300, size=500))

    busy_one = threading.Thread(target=go_on)
    with subject.reading({TopicPartition(busy, 0): 0, TopicPartition(quiet, 0): 0}) as reader:
        busy_one.start()
        try:
            eventually(lambda: quiet in {record.topic for record in taken(seen, reader, 100)}, "both", 20)
        finally:
            done.set()
            busy_one.join()


def test_large_records_are_fetched_a_few_at_a_time_from_the_first(postgres: Subject, monkeypatch):
    size, room = 32 * 1024, 8
    monkeypatch.setattr("streaming.postgres.fetching.READ_AHEAD_BYTES", room * size)
    topic = postgres.topic()
    postgres.log.append(numbered(topic, 30, size=size))
    with postgres.reading({TopicPartition(topic, 0): 0}) as reader:
        sizes: list[int] = []
        while sum(sizes) < 30:
            sizes.append(len(reader.poll(5000, 5)))
    assert max(sizes) <= room


def test_a_paused_partition_keeps_its_place(subject: Subject):
    topic = subject.topic(partitions=2)
    first, second = TopicPartition(topic, 0), TopicPartition(topic, 1)
    subject.log.append([NewRecord(topic, b"", b"%d" % n, partition=n % 2) for n in range(200)])
    with subject.reading({first: 0, second: 0}) as reader:
        begun = reader.poll(5, 10)
        reader.pause([first])
        position = reader.positions()[first]
        others = [record for record in begun if record.partition == 1]
        eventually(lambda: len(taken(others, reader)) >= 100, "the other partition")
        assert {record.partition for record in others} == {1}
        assert reader.poll(50, 0.2) == []
        assert reader.positions()[first] == position
        reader.resume([first])
        resumed: list[Record] = []
        eventually(lambda: len(taken(resumed, reader)) >= 100 - position, "the rest")
        assert [record.offset for record in resumed] == list(range(position, 100))


def test_assigning_anew_keeps_unchanged_partitions_and_drops_the_others(subject: Subject):
    topic = subject.topic(partitions=3)
    places = [TopicPartition(topic, number) for number in range(3)]
    subject.log.append([NewRecord(topic, b"", b"%d" % n, partition=n % 3) for n in range(300)])
    with subject.reading({places[0]: 0, places[1]: 0}) as reader:
        first = reader.poll(40, 10)
        position = reader.positions()[places[0]]
        reader.assign({places[0]: position, places[2]: 90})
        rest: list[Record] = []
        eventually(lambda: len(taken(rest, reader)) >= 110 - position, "the rest")
    kept = [record.offset for record in [*first, *rest] if record.partition == 0]
    assert kept == list(range(100))
    assert [record.offset for record in rest if record.partition == 2] == list(range(90, 100))
    assert not [record for record in rest if record.partition == 1]


@pytest.mark.parametrize("offset", [-1, 11, 10_000])
def test_an_offset_outside_the_log_is_an_error(subject: Subject, offset: int):
    topic = subject.topic()
    place = TopicPartition(topic, 0)
    subject.log.append(numbered(topic, 10))
    if offset < 0:
        subject.log.delete_before({place: 5})
        offset = 4
    with subject.reading({place: offset}) as reader:
        with pytest.raises(OffsetOutOfRange) as caught:
            subject.poll_until_error(reader)
        assert caught.value.topic_partition == place
        assert caught.value.offset == offset
        assert caught.value.bounds.end == 10
        with pytest.raises(OffsetOutOfRange):
            reader.poll(10, 1)
        reader.assign({place: 8})
        assert numbers(reader.poll(10, 10)) == [8, 9]


def test_an_unknown_topic_or_partition_is_an_error(subject: Subject):
    topic = subject.topic()
    for place in (TopicPartition("no.such.topic", 0), TopicPartition(topic, 1)):
        with subject.reading({place: 0}) as reader, pytest.raises(UnknownTopic):
            reader.poll(10, 5)
        with pytest.raises(UnknownTopic):
            subject.log.bounds([place])


def test_offsets_are_found_by_time(subject: Subject):
    topic = subject.topic(partitions=2)
    first, second = TopicPartition(topic, 0), TopicPartition(topic, 1)
    for number in range(60):
        subject.log.append([NewRecord(topic, b"", b"%d" % number, partition=0)])
    records = subject.read({first: 0})
    middle = records[30].appended_at
    expected = next(record.offset for record in records if record.appended_at >= middle)
    assert subject.log.offsets_at([first, second], middle) == {first: expected, second: 0}
    now = datetime.now(UTC)
    assert subject.log.offsets_at([first], now + timedelta(hours=1)) == {first: 60}
    assert subject.log.offsets_at([first], now - timedelta(hours=1)) == {first: 0}


def test_the_tail_is_the_last_records(subject: Subject):
    topic = subject.topic(partitions=2)
    subject.log.append([NewRecord(topic, b"", b"%d" % n, partition=n % 2) for n in range(100)])
    places = [TopicPartition(topic, 1), TopicPartition(topic, 0)]
    assert numbers(subject.log.tail(places, 3)) == [95, 97, 99, 94, 96, 98]
    assert len(subject.log.tail(places, 1000)) == 100


def test_times_of_append_are_the_times_of_append(subject: Subject):
    topic = subject.topic()
    before = datetime.now(UTC) - timedelta(seconds=1)
    subject.log.append(numbered(topic, 3))
    for record in subject.read_topic(topic):
        assert before < record.appended_at < datetime.now(UTC) + timedelta(seconds=1)


def test_a_healthy_log_says_so(subject: Subject):
    assert subject.log.check() is None
