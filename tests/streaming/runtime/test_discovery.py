"""Which topics a consumer reads."""

import pytest

from streaming.contracts.records import TopicPartition
from streaming.runtime.discovery import needed_topics, partitions_of, reads
from tests.streaming.runtime.counting import OUTPUT, Counting


@pytest.mark.parametrize(
    ("topic", "is_read"),
    [
        ("events.page", True),
        ("events.", True),
        ("EVENTS.page", False),
        ("privacy.erasures", True),
        ("privacy.erasures2", False),
        ("retry.reader", True),
        ("retry.other", False),
        ("dead_letters.reader", False),
    ],
)
def test_names_and_patterns(topic: str, is_read: bool):
    consumer = Counting(name="reader", topics=("events.*", "privacy.erasures"))
    assert reads(consumer, topic) is is_read


def test_a_pattern_for_everything_leaves_retries_of_others_alone():
    consumer = Counting(name="reader", topics=("*",))
    found = partitions_of(consumer, {"a": 2, "retry.reader": 1, "retry.other": 1, "dead_letters.reader": 1})
    assert found == {TopicPartition("a", 0), TopicPartition("a", 1), TopicPartition("retry.reader", 0)}


def test_dead_letters_of_others_can_be_read_by_name():
    consumer = Counting(name="reader", topics=("dead_letters.other",))
    assert reads(consumer, "dead_letters.other")


def test_what_a_consumer_needs():
    assert [spec.name for spec in needed_topics(Counting())] == [
        OUTPUT,
        "retry.counting",
        "dead_letters.counting",
    ]
