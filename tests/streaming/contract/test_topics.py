"""Topics: created once, described truly, altered, deleted, recognised when recreated."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from streaming.contracts.log import LogError, OffsetOutOfRange, UnknownTopic
from streaming.contracts.records import Cleanup, TopicPartition, TopicSpec
from tests.streaming.contract.subject import COMPACTED, Subject, numbered, numbers


@pytest.mark.parametrize(
    "settings",
    [
        {"partitions": 3, "retention_seconds": 3600},
        {"partitions": 1, "retention_seconds": None, "retention_bytes": 50_000_000},
        {"partitions": 2, **COMPACTED},
    ],
    ids=["time", "size", "compact"],
)
def test_settings_are_described_as_they_were_given(subject: Subject, settings):
    topic = subject.topic(**settings)
    assert subject.log.describe([topic, "no.such.topic"]) == {topic: TopicSpec(topic, **settings)}
    assert subject.log.topics()[topic] == settings["partitions"]


def test_creating_again_changes_nothing(subject: Subject):
    topic = subject.topic(partitions=2)
    subject.log.append(numbered(topic, 5))
    identity = subject.log.identity(topic)
    subject.log.create_topics([TopicSpec(topic, 5, retention_seconds=60)])
    assert subject.log.describe([topic])[topic] == TopicSpec(topic, 2)
    assert subject.log.identity(topic) == identity
    assert numbers(subject.read_topic(topic)) == list(range(5))


def test_racing_creators_make_one_topic(subject: Subject):
    names = [f"{subject.topic()}.{number}" for number in range(5)]
    with ThreadPoolExecutor(6) as pool:
        orders = [names[:: 1 - 2 * (n % 2)] for n in range(6)]
        creations = [
            pool.submit(subject.log.create_topics, [TopicSpec(name, 2) for name in order]) for order in orders
        ]
    assert [creation.result() for creation in creations] == [None] * 6
    assert {name: subject.log.topics()[name] for name in names} == dict.fromkeys(names, 2)


def test_settings_can_be_altered_and_partitions_only_grow(subject: Subject):
    topic = subject.topic(partitions=2)
    subject.log.append(numbered(topic, 5))
    wanted = TopicSpec(topic, 4, retention_seconds=7200, retention_bytes=10_000_000, cleanup=Cleanup.DELETE)
    subject.log.alter(wanted)
    assert subject.log.describe([topic])[topic] == wanted
    subject.log.alter(TopicSpec(topic, 1))
    assert subject.log.describe([topic])[topic] == TopicSpec(topic, 4)
    assert numbers(subject.read_topic(topic)) == list(range(5))
    with pytest.raises(UnknownTopic):
        subject.log.alter(TopicSpec("no.such.topic", 1))


def test_a_deleted_topic_is_gone(subject: Subject):
    topic = subject.topic()
    subject.log.append(numbered(topic, 5))
    subject.log.delete_topic(topic)
    assert topic not in subject.log.topics()
    for use in (
        lambda: subject.log.append(numbered(topic, 1)),
        lambda: subject.log.identity(topic),
        lambda: subject.log.delete_topic(topic),
        lambda: subject.log.bounds([TopicPartition(topic, 0)]),
    ):
        with pytest.raises(UnknownTopic):
            use()


def test_a_recreated_topic_has_another_identity_and_begins_anew(subject: Subject):
    topic = subject.topic()
    place = TopicPartition(topic, 0)
    subject.log.append(numbered(topic, 5))
    identity = subject.log.identity(topic)
    assert subject.log.identity(topic) == identity
    with subject.reading({place: 5}) as former_reader:
        former_reader.poll(10, 0.5)
        subject.log.delete_topic(topic)
        subject.log.create_topics([TopicSpec(topic, 1)])
        assert subject.log.identity(topic) != identity
        subject.log.append(numbered(topic, 3))
        assert numbers(subject.read_topic(topic)) == [0, 1, 2]
        with pytest.raises((UnknownTopic, OffsetOutOfRange)):
            subject.poll_until_error(former_reader)


def test_topics_of_another_name_have_another_identity(subject: Subject):
    assert subject.log.identity(subject.topic()) != subject.log.identity(subject.topic())
    with pytest.raises(LogError):
        subject.log.identity("no.such.topic")
