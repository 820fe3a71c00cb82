"""Retention: by time, by size, by compaction, by hand. What is gone is never mistaken for a gap."""

from datetime import timedelta

import pytest

from streaming.contracts.log import OffsetOutOfRange
from streaming.contracts.records import NewRecord, TopicPartition
from tests.streaming.contract.subject import COMPACTED, Subject, content, numbered, numbers
from tests.waiting import eventually


def start_of(subject: Subject, place: TopicPartition) -> int:
    return subject.log.bounds([place])[place].start


def test_records_beyond_the_retention_time_go(subject: Subject):
    topic = subject.topic(retention_seconds=1)
    place = TopicPartition(topic, 0)
    subject.log.append(numbered(topic, 100))

    def is_gone() -> bool:
        subject.let_go(timedelta(seconds=2))
        return start_of(subject, place) == 100

    eventually(is_gone, "the old records are gone")
    with subject.reading({place: 99}) as reader, pytest.raises(OffsetOutOfRange):
        reader.poll(10, 5)
    subject.log.append(numbered(topic, 1, first=100))
    (record,) = subject.read({place: 100})
    assert (record.offset, numbers([record])) == (100, [100]), "the offset is not handed out again"


def test_young_records_stay(subject: Subject):
    topic = subject.topic(retention_seconds=3600)
    subject.log.append(numbered(topic, 100))
    subject.let_go()
    assert numbers(subject.read_topic(topic)) == list(range(100))


def test_records_beyond_the_retention_size_go(subject: Subject):
    topic = subject.topic(retention_bytes=4_000_000, retention_seconds=None)
    place = TopicPartition(topic, 0)
    for first in range(0, 120, 5):
        subject.log.append(numbered(topic, 5, size=100_000, first=first))

    def is_within() -> bool:
        subject.let_go()
        return start_of(subject, place) > 0

    eventually(is_within, "the log is within its size")
    records = subject.read_topic(topic)
    assert numbers(records) == list(range(records[0].offset, 120))
    assert sum(len(content(record)) for record in records) >= 2_500_000, "not more goes than needed"
    subject.log.append(numbered(topic, 1, first=120))
    assert numbers(subject.read({place: 120})) == [120]


def test_records_can_be_deleted_by_hand(subject: Subject):
    topic = subject.topic()
    place = TopicPartition(topic, 0)
    subject.log.append(numbered(topic, 50))
    subject.log.delete_before({place: 20})
    assert subject.log.bounds([place])[place] == (20, 50)
    assert numbers(subject.read_topic(topic)) == list(range(20, 50))
    subject.log.delete_before({place: 10})
    assert subject.log.bounds([place])[place] == (20, 50), "the start never moves back"
    subject.log.delete_before({place: 50})
    assert subject.log.bounds([place])[place] == (50, 50)
    subject.log.append(numbered(topic, 1))
    assert subject.read_topic(topic)[0].offset == 50, "offsets are not handed out again"


def test_compaction_keeps_the_newest_of_each_key(subject: Subject, compacts_fast):
    topic = subject.topic(**COMPACTED)
    compacts_fast(topic)
    subject.log.append([NewRecord(topic, b"key-%d" % (n % 5), b"%d" % n) for n in range(100)])
    subject.log.append([NewRecord(topic, b"key-0", None)])

    def is_compacted() -> bool:
        subject.let_go()
        # Kafka leaves its newest segment alone: another record has it roll.
        subject.log.append([NewRecord(topic, b"roll", b"")])
        return len(kept()) == 5

    def kept() -> list:
        return [record for record in subject.read({TopicPartition(topic, 0): 0}) if record.key != b"roll"]

    eventually(is_compacted, "the topic is compacted")
    assert {record.key: record.value for record in kept()} == {
        b"key-0": None, b"key-1": b"96", b"key-2": b"97", b"key-3": b"98", b"key-4": b"99",
    }  # fmt: skip
    assert start_of(subject, TopicPartition(topic, 0)) == 0, "a gap is not a loss"


def test_a_reader_gets_over_the_gaps_of_compaction(subject: Subject, compacts_fast):
    topic = subject.topic(**COMPACTED)
    compacts_fast(topic)
    place = TopicPartition(topic, 0)
    subject.log.append([NewRecord(topic, b"key", b"%d" % n) for n in range(100)])
    with subject.reading({place: 10}) as reader:

        def has_gap() -> bool:
            subject.let_go()
            subject.log.append([NewRecord(topic, b"roll", b"")])
            return subject.read({place: 10})[0].offset > 10

        eventually(has_gap, "the topic is compacted")
        end = subject.log.bounds([place])[place].end
        eventually(
            lambda: bool(reader.poll(10, 0.2)) or reader.positions()[place] >= end, "the end is reached"
        )
