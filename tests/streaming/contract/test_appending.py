"""Appending: order, durability, refusals; concurrent appenders never hide a record from a reader."""

import threading
from collections import defaultdict

import pytest

from streaming.contracts.log import LogUnavailable, RecordTooLarge, UnknownTopic
from streaming.contracts.partitioning import MAX_RECORD_BYTES
from streaming.contracts.records import NewRecord, TopicPartition
from tests.streaming.contract.subject import Subject, content, numbered, numbers
from tests.waiting import eventually


def test_records_of_one_key_keep_their_order(subject: Subject):
    topic = subject.topic(partitions=4)
    futures = [
        subject.log.submit(numbered(topic, 10, b"key-%d" % n, first=m))
        for m in range(0, 200, 10)
        for n in range(8)
    ]
    for future in futures:
        future.result(30)
    by_key = defaultdict(list)
    for record in subject.read_topic(topic):
        by_key[record.key].append(int(content(record)))
    assert by_key == {b"key-%d" % n: list(range(200)) for n in range(8)}


def test_one_submission_may_go_to_many_topics(subject: Subject):
    topics = [subject.topic(partitions=2) for _ in range(5)]
    subject.log.append([record for topic in topics for record in numbered(topic, 20)])
    assert [numbers(subject.read_topic(topic)) for topic in topics] == [list(range(20))] * 5


def test_offsets_of_a_partition_are_consecutive(subject: Subject):
    topic = subject.topic()
    for first in range(0, 50, 5):
        subject.log.append(numbered(topic, 5, first=first))
    assert [record.offset for record in subject.read_topic(topic)] == list(range(50))


def test_an_acknowledged_record_can_be_read_at_once(subject: Subject):
    topic = subject.topic()
    for number in range(20):
        subject.log.append(numbered(topic, 1, first=number))
        assert subject.log.bounds([TopicPartition(topic, 0)])[TopicPartition(topic, 0)].end == number + 1


def test_an_empty_submission_is_done(subject: Subject):
    subject.log.append([])


def test_equal_keys_go_to_the_same_partition_on_every_back_end(subject: Subject):
    topic = subject.topic(partitions=8)
    subject.log.append([NewRecord(topic, key, b"") for key in (b"", b"jane", b"joe", b"\xff\x00", b"42")])
    assert {record.key: record.partition for record in subject.read_topic(topic)} == {
        b"": 0, b"jane": 2, b"joe": 3, b"\xff\x00": 5, b"42": 0,
    }  # fmt: skip


def test_a_record_can_choose_its_partition(subject: Subject):
    topic = subject.topic(partitions=3)
    subject.log.append([NewRecord(topic, b"key", b"", partition=number) for number in (2, 0, 2)])
    assert sorted(record.partition for record in subject.read_topic(topic)) == [0, 2, 2]


def test_records_without_a_key_are_taken(subject: Subject):
    topic = subject.topic(partitions=3)
    subject.log.append([NewRecord(topic, None, b"%d" % n) for n in range(30)])
    assert sorted(numbers(subject.read_topic(topic))) == list(range(30))


def test_an_unknown_topic_is_refused(subject: Subject):
    with pytest.raises(UnknownTopic):
        subject.log.append([NewRecord("no.such.topic", b"key", b"value")])


def test_an_unknown_partition_is_refused(subject: Subject):
    topic = subject.topic(partitions=2)
    with pytest.raises(UnknownTopic):
        subject.log.append([NewRecord(topic, b"key", b"value", partition=2)])


def test_a_record_above_the_limit_is_refused_and_harms_no_other(subject: Subject):
    topic = subject.topic()
    too_large = subject.log.submit([NewRecord(topic, b"key", bytes(MAX_RECORD_BYTES + 100_000))])
    good = subject.log.submit(numbered(topic, 3))
    with pytest.raises(RecordTooLarge):
        too_large.result(30)
    good.result(30)
    assert numbers(subject.read_topic(topic)) == [0, 1, 2]


def test_a_closed_log_refuses(subject: Subject):
    topic = subject.topic()
    futures = [subject.log.submit(numbered(topic, 10, first=n)) for n in range(0, 100, 10)]
    subject.log.close()
    assert all(future.result(0.1) is None for future in futures), "close waits for what was submitted"
    with pytest.raises(LogUnavailable):
        subject.log.append(numbered(topic, 1))


def test_a_reader_sees_every_record_of_concurrent_appenders(subject: Subject):
    topic, appenders, each = subject.topic(partitions=2), 6, 150

    def append(name: int) -> None:
        for number in range(each):
            subject.log.append([NewRecord(topic, b"%d" % name, b"%d %d" % (name, number))])

    threads = [threading.Thread(target=append, args=[name]) for name in range(appenders)]
    seen: dict[int, list[int]] = {name: [] for name in range(appenders)}
    with subject.reading({TopicPartition(topic, 0): 0, TopicPartition(topic, 1): 0}) as reader:

        def take() -> bool:
            for record in reader.poll(7, 0.2):
                name, number = map(int, content(record).split())
                seen[name].append(number)
            return all(len(numbers) >= each for numbers in seen.values())

        for thread in threads:
            thread.start()
        eventually(take, "all records")
    for thread in threads:
        thread.join()
    assert seen == {name: list(range(each)) for name in range(appenders)}
